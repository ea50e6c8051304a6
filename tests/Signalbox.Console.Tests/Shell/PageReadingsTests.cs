using System.Buffers;
using Signalbox.WebConsole.Shell;

namespace Signalbox.WebConsole.Tests.Shell;

public sealed class PageReadingsTests
{
    [Fact]
    public void Readings_of_one_name_are_taken_in_their_order_and_once()
    {
        var readings = new PageReadings();
        readings.Keep("provider", "first", 10);
        readings.Keep("provider", null, 0);
        readings.Keep("count", 3, 5);

        Assert.True(readings.TryTake("provider", out string? first));
        Assert.True(readings.TryTake("count", out int count));
        Assert.True(readings.TryTake("provider", out string? second));
        Assert.Equal(("first", 3, null), (first, count, second));
        Assert.False(readings.TryTake("provider", out string? _));
        Assert.False(readings.TryTake("other", out int _));
        Assert.Equal(15, readings.Bytes);
    }

    [Fact]
    public void A_ticket_is_good_for_one_page_and_an_unknown_one_for_none()
    {
        using var desk = new PageReadingsDesk();
        var ticket = new ArrayBufferWriter<byte>();
        var readings = new PageReadings();
        desk.Persist(readings, ticket);

        Assert.NotSame(readings, desk.Restore(new ReadOnlySequence<byte>("unknown"u8.ToArray())));
        Assert.Same(readings, desk.Restore(new ReadOnlySequence<byte>(ticket.WrittenMemory)));
        Assert.NotSame(readings, desk.Restore(new ReadOnlySequence<byte>(ticket.WrittenMemory)));
    }

    [Fact]
    public void Pages_that_nobody_comes_back_for_do_not_pile_up()
    {
        using var desk = new PageReadingsDesk();
        for (var page = 0; page < 1_000; page++)
        {
            var readings = new PageReadings();
            readings.Keep("code", null, PageReadingsDesk.BytesMax / 10);
            desk.Persist(readings, new ArrayBufferWriter<byte>());
        }

        Assert.InRange(desk.Count, 1, 10);
    }
}
