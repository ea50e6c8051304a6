using Signalbox.Events.DeadLetters;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Tests.Delivery;

public sealed class RetryAfterTests
{
    private static readonly DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("120", 120)]
    [InlineData("Thu, 01 Jan 2026 00:02:00 GMT", 120)]
    [InlineData("Thursday, 01-Jan-26 00:02:00 GMT", 120)]
    [InlineData("Thu Jan  1 00:02:00 2026", 120)]
    public void Seconds_and_dates_are_read_and_only_ever_lengthened(string value, int seconds)
    {
        Assert.Equal(_now.AddSeconds(seconds), Find(value, 0));
        Assert.Equal(_now.AddSeconds(seconds * 1.05), Find(value, 0.5));
    }

    [Fact]
    public void A_long_wait_is_lengthened_by_a_minute_at_most() =>
        Assert.InRange(Find("7200", 0.999)!.Value, _now.AddSeconds(7200), _now.AddSeconds(7260));

    [Theory, InlineData(""), InlineData("0"), InlineData("soon"), InlineData("-5"), InlineData("Wed, 31 Dec 2025 00:00:00 GMT")]
    public void What_asks_for_nothing_changes_nothing(string value) => Assert.Null(Find(value, 0.5));

    [Theory, InlineData("999999999999"), InlineData("999999999999999999999999999999"), InlineData("Fri, 31 Dec 9999 23:59:59 GMT")]
    public void A_wait_beyond_all_measure_is_no_fault(string value) => Assert.True(Find(value, 0.999) > _now + RetrySchedule.Lifetime);

    [Theory, InlineData("129600"), InlineData("999999999999")]
    public void The_lane_is_paused_for_as_long_as_the_pause_is_kept(string value)
    {
        var asked = Find(value, 0.999)!.Value - _now;
        var pace = new LanePace();

        pace.PauseAsAsked(asked, TimeSpan.Zero);

        Assert.Equal((asked, asked), (pace.NextAt, pace.AskedUntil));
    }

    [Fact]
    public void A_retry_is_never_earlier_than_the_endpoint_asks_and_ends_with_the_24_hours()
    {
        Assert.Equal(_now.AddMinutes(1), RetrySchedule.FindRetry(1, _now, _now, _now.AddSeconds(10)));
        Assert.Equal(_now.AddMinutes(50), RetrySchedule.FindRetry(1, _now, _now, _now.AddMinutes(50)));
        Assert.Null(RetrySchedule.FindRetry(1, _now, _now, _now.AddHours(25)));
    }

    [Fact]
    public void A_wish_beyond_the_24_hours_ends_a_delivery_and_is_told_apart_from_retries_that_ran_out()
    {
        var failed = AttemptOutcome.FromCode(503);

        Assert.Equal(new DeliveryStep.GiveUp(GiveUpReason.AskedTooLong), DeliveryStep.After(failed, 0, _now, _now, _now.AddHours(25)));
        Assert.Equal(new DeliveryStep.GiveUp(GiveUpReason.Expired), DeliveryStep.After(failed, 99, _now, _now.AddHours(24), _now.AddHours(25)));
        Assert.IsType<DeliveryStep.RetryAt>(DeliveryStep.After(failed, 0, _now, _now, _now.AddHours(23)));
        Assert.Equal(
            DeadLetterReason.RetryAfterTooLong, DeadLetterWords.ReasonOf(GiveUpReason.AskedTooLong, 503, isTargetRefused: false));
    }

    private static DateTimeOffset? Find(string value, double draw) => RetryAfter.Find(
        new Exchange
        {
            Request = new OutgoingRequest { Method = HttpMethod.Post, Url = new Uri("http://x/"), Headers = [] },
            StartedAt = _now,
            EndedAt = _now,
            Code = 503,
            ResponseHeaders = [new("retry-after", [value])],
            ResponseBody = default,
        },
        draw);
}
