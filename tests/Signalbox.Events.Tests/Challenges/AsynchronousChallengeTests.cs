using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Challenges;

/// <summary>The validation URL, over HTTP, against the room as the server puts it together.</summary>
public sealed class AsynchronousChallengeTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_webhook_that_only_takes_the_post_is_verified_by_opening_the_validation_url(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var provider = await server.CreateProviderAsync("a");

        var registration = await server.RegisterAsync("Mine", provider, "a", Webhook(hook));
        Assert.Equal("accepted", registration.GetProperty("webhook_status").GetString());
        Assert.Equal("GET", (await hook.NextAsync()).Method);
        var post = await hook.NextAsync();
        var validation = ValidationUrl(post);
        await server.PublishAsync(provider, "a");
        Assert.Equal(0, await server.CountAsync("deliveries"));

        using var anybody = new HttpClient { BaseAddress = server.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync(validation.PathAndQuery)).StatusCode);
        Assert.Equal("verified", await StatusAsync(server, registration));
        Assert.Equal(HttpStatusCode.OK, (await anybody.GetAsync(validation.PathAndQuery)).StatusCode);
        await server.PublishAsync(provider, "a", id: "2");

        Assert.Equal("POST", (await hook.NextAsync()).Method);
        Assert.Equal("application/json; charset=utf-8", post.Headers["content-type"]);
        Assert.Equal("challenge", post.Headers["x-adobe-event-code"]);
        Assert.True(post.Headers.ContainsKey("x-adobe-signature"));
        Assert.False(post.Headers.ContainsKey("x-adobe-digital-signature-1"));
        Assert.Equal(registration.GetProperty("registration_id").GetString(), System.Web.HttpUtility.ParseQueryString(validation.Query)["id"]);
    }

    [Fact]
    public async Task The_validation_urls_challenge_is_hidden_in_traces_and_kept_as_a_hash()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", Webhook(hook));
        await hook.NextAsync();
        var challenge = System.Web.HttpUtility.ParseQueryString(ValidationUrl(await hook.NextAsync()).Query)["challenge"]!;

        var traces = (await server.SendAsync(HttpMethod.Get, TracesOf(server, registration))).Body;
        var posted = traces.EnumerateArray().Select(t => t.GetProperty("trace").GetProperty("tracingRequest"))
            .Single(r => r.GetProperty("requestMethod").GetString() == "POST").GetProperty("requestBody").GetString()!;
        var stored = await server.Get<Storage.Database>().WriteAsync(s => s.QuerySingleOrDefault<string>("SELECT challenge_hash FROM validations"));

        Assert.DoesNotContain(challenge, traces.GetRawText(), StringComparison.Ordinal);
        Assert.Contains($"id={registration.GetProperty("registration_id").GetString()}", posted, StringComparison.Ordinal);
        Assert.EndsWith($"challenge=XXXXXXXX-XXXX-XXXX-XXXX-XXXXXXXX{challenge[^4..]}\"}}", posted, StringComparison.Ordinal);
        Assert.DoesNotContain(challenge, stored, StringComparison.Ordinal);
    }

    [Fact]
    public async Task After_five_minutes_the_validation_url_is_gone_and_the_registration_disabled()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", Webhook(hook));
        await hook.NextAsync();
        var validation = ValidationUrl(await hook.NextAsync());

        server.Clock.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1));
        Assert.Equal("accepted", await StatusAsync(server, registration));
        server.Clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(HttpStatusCode.Gone, (await server.SendAsync(HttpMethod.Get, validation.PathAndQuery)).Status);
        server.Clock.Advance(TimeSpan.FromSeconds(5));

        await DeliveryEngine.UntilAsync(async () => await StatusAsync(server, registration) == "verification_failed");
        var shown = (await server.SendAsync(HttpMethod.Get, Path(server, registration))).Body;
        Assert.False(shown.GetProperty("enabled").GetBoolean());
        Assert.Equal(2, hook.Count);
        Assert.Equal("expired", (await LastChallengeAsync(server, registration)).GetProperty("result").GetString());
        var history = (await server.SendAsync(HttpMethod.Get, Path(server, registration) + "/status-history")).Body.GetProperty("_embedded").GetProperty("status_changes");
        Assert.StartsWith("2026-01-01T00:05:0", history[0].GetProperty("date").GetString(), StringComparison.Ordinal);

        // Nobody looked when it expired, so the administrators are told, once.
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        var notice = Assert.Single(server.Notices.Added);
        Assert.Equal((WebhookStatus.Accepted, WebhookStatus.VerificationFailed), (notice.Before, notice.Registration.Status));
        Assert.Equal(registration.GetProperty("registration_id").GetString(), notice.Registration.Id.ToString());
        Assert.Contains("validation URL was not opened in 5 minutes", notice.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_challenge_that_fails_while_its_editor_waits_for_the_answer_is_no_notice()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        hook.AnswerWith(404);

        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", Webhook(hook));

        Assert.Equal("verification_failed", registration.GetProperty("webhook_status").GetString());
        Assert.Empty(server.Notices.Added);
    }

    [Fact]
    public async Task The_status_history_says_why_a_challenge_failed()
    {
        await using var hook = await WebhookListener.StartAsync();
        hook.Answer = context =>
        {
            context.Response.StatusCode = context.Request.Method == "GET" ? 404 : 500;
            return Task.CompletedTask;
        };
        await using var server = await EventsServer.StartDeliveringAsync();
        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", Webhook(hook));

        var challenge = await LastChallengeAsync(server, registration);

        Assert.Equal("failed", challenge.GetProperty("result").GetString());
        Assert.Equal(
            "The GET was answered 404, not 200 with the challenge. The POST with a validation URL was answered 500, not 200.",
            challenge.GetProperty("explanation").GetString());
    }

    [Fact]
    public async Task A_wrong_challenge_an_unknown_registration_and_an_older_url_change_nothing()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("Mine", provider, "a", Webhook(hook));
        await hook.NextAsync();
        var older = ValidationUrl(await hook.NextAsync());
        var edited = await server.SendAsync(HttpMethod.Put, Path(server, registration), server.RegistrationJson("Mine", provider, "a", Webhook(hook)));
        await hook.NextAsync();
        var newer = ValidationUrl(await hook.NextAsync());
        var id = registration.GetProperty("registration_id").GetString();

        Assert.Equal("accepted", edited.Body.GetProperty("webhook_status").GetString());
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, older.PathAndQuery)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"{newer.AbsolutePath}?id={id}&challenge={Guid.NewGuid():D}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, $"{newer.AbsolutePath}?id={Guid.NewGuid():D}&challenge={Guid.NewGuid():D}")).Status);
        Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Get, $"{newer.AbsolutePath}?id=x")).Status);
        Assert.Equal("accepted", await StatusAsync(server, registration));
        Assert.Equal(HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Get, newer.PathAndQuery)).Status);
        Assert.Equal("verified", await StatusAsync(server, registration));
    }

    [Fact]
    public async Task A_url_that_is_opened_before_the_post_is_answered_counts()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("a");
        hook.AnswerTo = async (context, received) =>
        {
            if (received.Method == "POST")
            {
                await server.SendAsync(HttpMethod.Get, ValidationUrl(received).PathAndQuery);
            }
        };

        var registration = await server.RegisterAsync("Mine", provider, "a", Webhook(hook));

        Assert.Equal("verified", registration.GetProperty("webhook_status").GetString());
        Assert.Equal("verified", await StatusAsync(server, registration));
    }

    [Theory]
    [InlineData("\"delivery_type\":\"journal\""), InlineData("\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/act\"")]
    [InlineData("\"delivery_type\":\"aws_eventbridge\",\"destination_metadata\":{\"aws_region\":\"eu-west-1\",\"aws_account_id\":\"123456789012\"}")]
    public async Task A_validation_url_is_worthless_when_the_registration_has_no_webhook_any_more(string more)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("Mine", provider, "a", Webhook(hook));
        await hook.NextAsync();
        var validation = ValidationUrl(await hook.NextAsync());

        var edited = await server.SendAsync(HttpMethod.Put, Path(server, registration), server.RegistrationJson("Mine", provider, "a", more));

        Assert.Equal(HttpStatusCode.OK, edited.Status);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, validation.PathAndQuery)).Status);
    }

    [Fact]
    public async Task A_post_that_is_not_answered_with_200_fails_and_its_url_is_worthless()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        hook.AnswerWith(202);
        var registration = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", Webhook(hook));
        await hook.NextAsync();
        var validation = ValidationUrl(await hook.NextAsync());

        Assert.Equal("verification_failed", registration.GetProperty("webhook_status").GetString());
        Assert.False(registration.GetProperty("enabled").GetBoolean());
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, validation.PathAndQuery)).Status);
        Assert.Equal("verification_failed", await StatusAsync(server, registration));
    }

    private static Uri ValidationUrl(ReceivedRequest post) => new(JsonElement.Parse(post.Body).GetProperty("validationUrl").GetString()!);

    private static string Webhook(WebhookListener hook) => $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"";

    private static string Path(EventsServer server, JsonElement registration) =>
        $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}";

    private static string TracesOf(EventsServer server, JsonElement registration) =>
        $"/events/organizations/{server.Home.Workspace.OrganizationId}/integrations/{server.Home.Credential.Id}/tracing/{registration.GetProperty("registration_id").GetString()}";

    private static async Task<JsonElement> LastChallengeAsync(EventsServer server, JsonElement registration) =>
        (await server.SendAsync(HttpMethod.Get, Path(server, registration) + "/status-history")).Body.GetProperty("last_challenge");

    private static async Task<string?> StatusAsync(EventsServer server, JsonElement registration) =>
        (await server.SendAsync(HttpMethod.Get, Path(server, registration))).Body.GetProperty("webhook_status").GetString();
}
