using Signalbox.Events.Delivery;

namespace Signalbox.Events.Tests.Delivery;

public sealed class DeliveryRateTests
{
    private static readonly TimeSpan _start = TimeSpan.FromHours(1);

    [Theory, InlineData(1), InlineData(10), InlineData(500)]
    public void Ten_seconds_let_ten_times_the_rate_pass(int rate)
    {
        var limit = new DeliveryRate(rate);
        var sent = 0;
        for (var at = _start; at < _start + TimeSpan.FromSeconds(10); at += TimeSpan.FromMilliseconds(1))
        {
            while (limit.NextAt <= at)
            {
                limit.Take(1, at);
                sent++;
            }
        }

        Assert.InRange(sent, 10 * rate, (10 * rate) + (rate / 50) + 1);
    }

    [Fact]
    public void A_batch_pays_for_each_of_its_events()
    {
        var limit = new DeliveryRate(10);

        limit.Take(20, _start);

        Assert.Equal(_start + TimeSpan.FromSeconds(2), limit.NextAt);
    }
}
