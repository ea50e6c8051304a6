using Microsoft.AspNetCore.Http;
using Signalbox.Events.Challenges;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Challenges;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData(200, "text/plain", "{0}", true)]
    [InlineData(200, "text/plain; charset=utf-8", " \"{0}\"\n", true)]
    [InlineData(200, "application/json", "{{\"challenge\": \"{0}\"}}", true)]
    [InlineData(200, "application/json", "{{\"challenge\": \"other\"}}", false)]
    [InlineData(200, "text/plain", "{{\"challenge\": \"{0}\"}}", false)]
    [InlineData(200, "text/html", "{0}", false)]
    [InlineData(200, "application/json", "{0} not json", false)]
    [InlineData(201, "text/plain", "{0}", false)]
    [InlineData(404, "text/plain", "{0}", false)]
    public async Task Only_the_documented_answers_verify_a_webhook(int status, string contentType, string body, bool isVerified)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Method == "GET" ? status : 404;
            context.Response.ContentType = contentType;
            return context.Response.WriteAsync(string.Format(body, context.Request.Query["challenge"].ToString()));
        };
        var registration = way.Register(1, new Uri(hook.Url + "?key=v"));

        var verdict = await way.Challenge.ProbeAsync(registration, CancellationToken.None);
        var request = await hook.NextAsync();

        Assert.Equal(isVerified ? WebhookStatus.Verified : WebhookStatus.VerificationFailed, verdict);
        Assert.Equal("GET", request.Method);
        Assert.Matches("^/hook\\?key=v&challenge=[0-9a-f-]{36}$", request.Target);
        Assert.Equal("challenge", request.Headers["x-adobe-event-code"]);
        Assert.Equal("adobe-io", request.Headers["x-adobe-provider"]);
        Assert.Matches($"^{registration.Id}-probe-[0-9]+$", request.Headers["x-adobe-event-id"]);
        Assert.False(request.Headers.ContainsKey("x-adobe-digital-signature-1"));
        var traces = await way.TracesAsync(registration);
        Assert.Equal(isVerified ? 1 : 2, traces.Count);
        var trace = traces[^1];
        Assert.Equal("challenge", trace.GetProperty("event").GetString());
        Assert.Matches(
            "\\?key=v&challenge=X{8}-X{4}-X{4}-X{4}-X{8}[0-9a-f]{4}$",
            trace.GetProperty("trace").GetProperty("tracingRequest").GetProperty("requestUrl").GetString()!);
    }

    [Theory]
    [InlineData("https://h/p", "https://h/p?challenge=c"), InlineData("https://h/p?", "https://h/p?challenge=c")]
    [InlineData("https://h/p?a=1", "https://h/p?a=1&challenge=c"), InlineData("https://h/p?a=1&", "https://h/p?a=1&challenge=c")]
    [InlineData("https://h?a=%20#f", "https://h/?a=%20&challenge=c")]
    public void The_challenge_is_appended_to_the_urls_own_query(string url, string expected) =>
        Assert.Equal(expected, Challenge.Append(new Uri(url), "c").AbsoluteUri);
}
