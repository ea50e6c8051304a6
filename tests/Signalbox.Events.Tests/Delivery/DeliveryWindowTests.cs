using Signalbox.Events.Delivery;

namespace Signalbox.Events.Tests.Delivery;

public sealed class DeliveryWindowTests
{
    private static readonly TimeSpan _start = TimeSpan.FromHours(1);

    [Fact]
    public void A_window_grows_with_success_up_to_its_setting()
    {
        var window = new DeliveryWindow(32);
        Assert.Equal(4, window.Size);

        for (var i = 0; i < 100; i++)
        {
            window.Succeeded();
        }

        Assert.Equal(32, window.Size);
    }

    [Fact]
    public void Failures_halve_it_down_to_one_and_success_opens_it_slowly_again()
    {
        var window = new DeliveryWindow(32);
        for (var i = 0; i < 28; i++)
        {
            window.Succeeded();
        }

        for (var i = 1; i <= 6; i++)
        {
            var now = _start + TimeSpan.FromSeconds(i);
            window.Failed(now, now);
        }

        Assert.Equal(1, window.Size);
        window.Succeeded();
        Assert.Equal(2, window.Size);
        window.Succeeded();
        Assert.Equal(2, window.Size);
        window.Succeeded();
        window.Succeeded();
        Assert.Equal(3, window.Size);
    }

    [Fact]
    public void Requests_of_before_a_halving_do_not_halve_it_again()
    {
        var window = new DeliveryWindow(32);
        for (var i = 0; i < 28; i++)
        {
            window.Succeeded();
        }

        for (var i = 0; i < 32; i++)
        {
            window.Failed(_start, _start + TimeSpan.FromSeconds(10));
        }

        Assert.Equal(16, window.Size);
    }

    [Theory, InlineData(429, true), InlineData(503, true), InlineData(604, true), InlineData(602, true), InlineData(500, false), InlineData(404, false), InlineData(200, false)]
    public void Only_answers_of_an_endpoint_that_cannot_follow_close_it(int code, bool closes) =>
        Assert.Equal(closes, AttemptOutcome.FromCode(code).IsOverload);
}
