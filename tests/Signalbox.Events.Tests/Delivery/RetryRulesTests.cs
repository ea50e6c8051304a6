using Signalbox.Events.Delivery;

namespace Signalbox.Events.Tests.Delivery;

public sealed class RetryRulesTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Of_all_codes_only_429_the_5xx_but_505_and_the_6xx_are_retried()
    {
        foreach (var code in Enumerable.Range(100, 500).Concat([601, 602, 604, 611]))
        {
            var isRetried = code is 429 or (>= 500 and not 505);
            var step = DeliveryStep.After(AttemptOutcome.FromCode(code), 0, _start, _start);
            switch (step)
            {
                case DeliveryStep.Done:
                    Assert.InRange(code, 200, 299);
                    break;
                case DeliveryStep.RetryAt retry:
                    Assert.True(isRetried, $"{code} must not be retried");
                    Assert.Equal(_start.AddMinutes(1), retry.At);
                    break;
                default:
                    Assert.False(isRetried || code is >= 200 and <= 299, $"{code} must not be given up");
                    break;
            }
        }
    }

    [Theory, InlineData(1, 1), InlineData(2, 2), InlineData(3, 4), InlineData(4, 8), InlineData(5, 15), InlineData(6, 15), InlineData(99, 15)]
    public void The_pause_before_a_retry_grows_to_15_minutes(int retry, int minutes) =>
        Assert.Equal(TimeSpan.FromMinutes(minutes), RetrySchedule.PauseBefore(retry));

    [Fact]
    public void The_last_retry_is_at_24_hours_and_none_after()
    {
        Assert.Equal(_start.AddHours(24), RetrySchedule.FindRetry(99, _start, _start.AddMinutes(1425)));
        Assert.Null(RetrySchedule.FindRetry(99, _start, _start.AddMinutes(1425).AddMilliseconds(1)));
        Assert.IsType<DeliveryStep.GiveUp>(DeliveryStep.After(AttemptOutcome.FromCode(503), 99, _start, _start.AddHours(24)));
    }
}
