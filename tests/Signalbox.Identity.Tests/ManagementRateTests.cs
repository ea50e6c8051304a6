using System.Net;
using Microsoft.Extensions.Time.Testing;
using Signalbox.Identity.Callers;

namespace Signalbox.Identity.Tests;

public sealed class ManagementRateTests
{
    [Fact]
    public void A_key_that_calls_too_often_waits_for_its_window_to_end_and_others_do_not()
    {
        var clock = new FakeTimeProvider();
        var rate = new ManagementRate(new IdentityOptions { RequestsPerWindowMax = 2, RequestWindow = TimeSpan.FromSeconds(10) }, clock);
        var key = new ClientId("mine");

        Assert.Null(rate.Count(key));
        clock.Advance(TimeSpan.FromSeconds(6.5));
        Assert.Null(rate.Count(key));
        var refused = rate.Count(key);
        Assert.NotNull(refused);
        Assert.Equal((int)HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal(4, refused.RetryAfterSeconds);
        Assert.Contains("Identity:RequestsPerWindowMax", refused.Message, StringComparison.Ordinal);
        Assert.Null(rate.Count(new ClientId("other")));

        clock.Advance(TimeSpan.FromSeconds(3.5));
        Assert.Null(rate.Count(key));
    }

    [Fact]
    public void Its_memory_is_bounded()
    {
        var rate = new ManagementRate(new IdentityOptions { RequestsPerWindowMax = 1 }, new FakeTimeProvider());
        for (var i = 0; i <= ManagementRate.KeysMax; i++)
        {
            rate.Count(new ClientId($"key-{i}"));
        }

        Assert.InRange(rate.Keys, 1, ManagementRate.KeysMax);
    }

    [Fact]
    public async Task The_management_apis_answer_429_with_the_time_to_wait_and_others_go_on()
    {
        await using var server = await IdentityServer.StartAsync(new IdentityOptions { RequestsPerWindowMax = 1 });
        var token = await server.TokenAsync();

        using var first = await server.ManageAsync(token);
        using var second = await server.ManageAsync(token);
        using var other = await server.CallAsync(token);

        Assert.Equal(HttpStatusCode.OK, first.StatusCode);
        Assert.Equal(HttpStatusCode.TooManyRequests, second.StatusCode);
        Assert.Equal(TimeSpan.FromSeconds(5), second.Headers.RetryAfter!.Delta);
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }
}
