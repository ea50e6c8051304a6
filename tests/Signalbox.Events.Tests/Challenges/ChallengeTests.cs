using System.IO.Compression;
using System.Text;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Challenges;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Events.Tests.Egress;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Challenges;

public sealed class ChallengeTests
{
    [Theory]
    [InlineData(200, "text/plain", "{0}", true)]
    [InlineData(200, "text/plain; charset=utf-8", " \"{0}\"\n", true)]
    [InlineData(200, "application/json", "{{\"challenge\": \"{0}\"}}", true)]
    [InlineData(200, "text/plain", "\ufeff{0}", true)]
    [InlineData(200, "application/json", "\ufeff{{\"challenge\": \"{0}\"}}", true)]
    [InlineData(200, "application/json", "{{\"challenge\": \"other\"}}", false)]
    [InlineData(200, "text/plain", "{{\"challenge\": \"{0}\"}}", false)]
    [InlineData(200, "text/html", "{0}", false)]
    [InlineData(200, "application/json", "{0} not json", false)]
    [InlineData(200, "application/json", "{{\"challenge\": \"\\ud800\"}}", false)]
    [InlineData(200, "application/json", "\"\\ud800\"", false)]
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
    [InlineData("text/plain", "{0}"), InlineData("text/plain", "\"{0}\"")]
    [InlineData("application/json", "{{\"challenge\":\"{0}\"}}"), InlineData("application/json", "\"{0}\"")]
    public async Task A_challenge_in_capitals_is_another_one(string contentType, string body)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Method == "GET" ? 200 : 404;
            context.Response.ContentType = contentType;
            return context.Response.WriteAsync(string.Format(body, context.Request.Query["challenge"].ToString().ToUpperInvariant()));
        };

        Assert.Equal(WebhookStatus.VerificationFailed, await way.Challenge.ProbeAsync(way.Register(1, hook.Url), CancellationToken.None));
    }

    [Theory, InlineData("deflate"), InlineData("gzip")]
    public async Task A_compressed_answer_verifies_a_webhook(string coding)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        await using var hook = await WebhookListener.StartAsync();
        await using var way = new DeliveryEngine(test);
        hook.Answer = async context =>
        {
            context.Response.ContentType = "text/plain";
            context.Response.Headers.ContentEncoding = coding;
            await using Stream encoder = coding == "gzip" ? new GZipStream(context.Response.Body, CompressionMode.Compress) : new ZLibStream(context.Response.Body, CompressionMode.Compress);
            await encoder.WriteAsync(Encoding.UTF8.GetBytes(context.Request.Query["challenge"].ToString()));
        };
        var registration = way.Register(1, hook.Url);

        Assert.Equal(WebhookStatus.Verified, await way.Challenge.ProbeAsync(registration, CancellationToken.None));

        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Matches("^[0-9a-f-]{36}$", response.GetProperty("responseBody").GetString()!);
        Assert.Equal(coding, response.GetProperty("responseHeaders").GetProperty("content-encoding")[0].GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_an_answer_holds_that_is_not_http_is_told_without_its_control_characters(TestEngine engine)
    {
        using var hook = new RawListener(stream => stream.WriteAsync("HTTP/1.1 2\00 OK\r\n\r\n"u8.ToArray()).AsTask());
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var provider = await server.CreateProviderAsync("a");

        var created = await server.RegisterAsync("Mine", provider, "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"");

        Assert.Equal("verification_failed", created.GetProperty("webhook_status").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_endpoint_does_not_write_the_explanation_by_a_status_of_this_servers_own(TestEngine engine)
    {
        using var hook = new RawListener(stream => stream.WriteAsync("HTTP/1.1 602 No\r\nContent-Length: 12\r\n\r\n| E(`their\0`)"u8.ToArray()).AsTask());
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var created = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"");

        var history = await server.SendAsync(HttpMethod.Get, $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}/status-history");

        Assert.Equal(
            "The GET got no answer (602: The answer's status was 602; those of HTTP are 100 to 599), not 200 with the challenge. "
            + "The POST with a validation URL got no answer (602: The answer's status was 602; those of HTTP are 100 to 599), not 200.",
            history.Body.GetProperty("last_challenge").GetProperty("explanation").GetString());
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_long_explanation_is_cut_between_characters(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        var results = new ChallengeResults(test.Database);

        await results.KeepAsync(1, new ChallengeResult(test.Clock.GetUtcNow(), ChallengeResult.Failed, new string('a', 999) + "😀😀"));

        Assert.Equal(new string('a', 999), (await results.FindAsync(1, default))!.Explanation);
    }

    [Theory]
    [InlineData("https://h/p", "https://h/p?challenge=c"), InlineData("https://h/p?", "https://h/p?challenge=c")]
    [InlineData("https://h/p?a=1", "https://h/p?a=1&challenge=c"), InlineData("https://h/p?a=1&", "https://h/p?a=1&challenge=c")]
    [InlineData("https://h?a=%20#f", "https://h/?a=%20&challenge=c")]
    public void The_challenge_is_appended_to_the_urls_own_query(string url, string expected) =>
        Assert.Equal(expected, Challenge.Append(new Uri(url), "c").AbsoluteUri);
}
