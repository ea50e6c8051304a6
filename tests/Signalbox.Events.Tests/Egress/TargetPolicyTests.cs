using System.Net;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Egress;

public sealed class TargetPolicyTests
{
    private static readonly WebhookTargetPolicy _policy = new(new EventsOptions());

    [Theory]
    [InlineData("https://127.0.0.1/"), InlineData("https://2130706433/"), InlineData("https://0x7f.1/"), InlineData("https://0177.0.0.1/")]
    [InlineData("https://127.1/"), InlineData("https://0/"), InlineData("https://localhost/"), InlineData("https://a.localhost./")]
    [InlineData("https://10.0.0.1/"), InlineData("https://172.31.255.255/"), InlineData("https://192.168.1.1/"), InlineData("https://100.64.0.1/")]
    [InlineData("https://169.254.169.254/latest/meta-data"), InlineData("https://224.0.0.1/"), InlineData("https://255.255.255.255/")]
    [InlineData("https://192.0.2.1/"), InlineData("https://198.51.100.1/"), InlineData("https://203.0.113.1/"), InlineData("https://198.18.0.1/")]
    [InlineData("https://[::1]/"), InlineData("https://[::]/"), InlineData("https://[fe80::1]/"), InlineData("https://[fd00:ec2::254]/")]
    [InlineData("https://[::ffff:127.0.0.1]/"), InlineData("https://[::ffff:a00:1]/"), InlineData("https://[64:ff9b::7f00:1]/")]
    [InlineData("https://[2002:7f00:1::]/"), InlineData("https://[2001:db8::1]/"), InlineData("https://[ff02::1]/"), InlineData("https://[::7f00:1]/")]
    [InlineData("http://example.com/"), InlineData("ftp://example.com/"), InlineData("example.com"), InlineData("https://user:pw@example.com/")]
    public void What_only_the_server_can_reach_may_not_be_a_webhook(string url) => Assert.NotNull(_policy.FindObjection(url));

    [Theory]
    [InlineData("https://example.com/hook?a=b"), InlineData("https://8.8.8.8/"), InlineData("https://[2606:4700::1111]/"), InlineData("https://172.32.0.1/")]
    public void Public_addresses_may(string url) => Assert.Null(_policy.FindObjection(url));

    [Fact]
    public async Task A_name_that_turns_to_a_private_address_is_refused_when_connecting_and_told_in_the_trace()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test, new EventsOptions()) { Resolve = _ => [IPAddress.Parse("93.184.216.34"), IPAddress.Loopback] };
        var registration = way.Register(1, new Uri($"https://rebinding.example:{hook.Url.Port}/"));

        await way.PublishAsync(1, registration);
        await way.NextAttemptAsync(1);

        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Equal(602, response.GetProperty("responseCode").GetInt32());
        var body = response.GetProperty("responseBody").GetString()!;
        Assert.Matches("^602 : Network ERROR\\(`[0-9a-f-]{36}`\\) :\n", body);
        Assert.Contains("127.0.0.1, a loopback address", body, StringComparison.Ordinal);
        Assert.Equal(0, hook.Unread);
    }

    [Fact]
    public async Task The_servers_own_handler_is_no_target_that_a_range_could_refuse_and_keeps_its_record()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test, new EventsOptions()) { HandlerUrl = hook.Url };
        var registration = way.Register(1, null, runtimeAction: "package/action");

        await way.PublishAsync(1, registration);
        var request = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await way.CountOwedAsync() == 0);

        Assert.Equal("on", request.Headers["x-ow-extra-logging"]);
        Assert.DoesNotContain("x-ow-extra-logging", Assert.Single(await way.TracesAsync(registration)).GetRawText(), StringComparison.Ordinal);
    }
}
