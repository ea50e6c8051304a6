using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>The room as the server puts it together: registrations, publishes and traces over HTTP, webhooks on real sockets.</summary>
public sealed class DeliveryOverHttpTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_webhook_answers_its_challenge_and_then_gets_events_that_verify(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var (provider, registration) = await RegisterAsync(server, hook);
        Assert.Equal("verified", registration.GetProperty("webhook_status").GetString());
        Assert.Equal("GET", (await hook.NextAsync()).Method);

        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a", """{"n":1.50}"""));
        var request = await hook.NextAsync();
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);

        var body = JsonElement.Parse(request.Body);
        Assert.Equal("1.50", body.GetProperty("data").GetProperty("n").GetRawText());
        Assert.Equal(server.ClientId, body.GetProperty("recipient_client_id").GetString());
        Assert.Equal(request.Headers["x-adobe-event-id"], body.GetProperty("eventid").GetString());
        var hmac = HMACSHA256.HashData(Encoding.UTF8.GetBytes(server.Home.ClientSecrets[0]), request.Body);
        Assert.Equal(Convert.ToBase64String(hmac), request.Headers["x-adobe-signature"]);
        foreach (var number in (int[])[1, 2])
        {
            using var rsa = RSA.Create();
            rsa.ImportFromPem(await server.Http.GetStringAsync(request.Headers[$"x-adobe-public-key{number}-path"]));
            var signature = Convert.FromBase64String(request.Headers[$"x-adobe-digital-signature-{number}"]);
            Assert.True(rsa.VerifyData(request.Body, signature, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1));
        }
    }

    [Fact]
    public async Task A_webhook_that_fails_its_challenge_gets_no_events_and_its_trace_tells_why()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        hook.AnswerWith(404);
        var provider = await server.CreateProviderAsync("a");

        var registration = await server.RegisterAsync("Mine", provider, "a", Webhook(hook));
        await server.PublishAsync(provider, "a");

        Assert.Equal("verification_failed", registration.GetProperty("webhook_status").GetString());
        Assert.Equal(0, await server.CountAsync("deliveries"));
        var traces = (await server.SendAsync(HttpMethod.Get, TracesOf(server, registration))).Body.EnumerateArray().Select(t => t.GetProperty("trace"));
        Assert.Equal(
            [("POST", 404), ("GET", 404)],
            traces.Select(t => (t.GetProperty("tracingRequest").GetProperty("requestMethod").GetString(), t.GetProperty("tracingResponse").GetProperty("responseCode").GetInt32())));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Both_addresses_show_the_traces_newest_first_with_the_challenge(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var (provider, registration) = await RegisterAsync(server, hook);
        var id = registration.GetProperty("registration_id").GetString();
        await server.PublishAsync(provider, "a");
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);

        var byWorkspace = await server.SendAsync(HttpMethod.Get, TracesOf(server, registration));
        var byCredential = await server.SendAsync(
            HttpMethod.Get, $"/events/organizations/{server.Home.Workspace.OrganizationId}/integrations/{server.Home.Credential.Id}/tracing/{id}");

        Assert.Equal(HttpStatusCode.OK, byWorkspace.Status);
        Assert.Equal("application/json", byWorkspace.Response.Content.Headers.ContentType!.MediaType);
        Assert.Equal(byWorkspace.Body.GetRawText(), byCredential.Body.GetRawText());
        Assert.Equal(["a", "challenge"], byWorkspace.Body.EnumerateArray().Select(t => t.GetProperty("event").GetString()));
        var delivered = byWorkspace.Body[0];
        Assert.Equal(server.ClientId, delivered.GetProperty("clientId").GetString());
        Assert.Equal(id, delivered.GetProperty("registrationId").GetString());
        var request = delivered.GetProperty("trace").GetProperty("tracingRequest");
        Assert.Equal(hook.Url.AbsoluteUri, request.GetProperty("requestUrl").GetString());
        Assert.Equal("POST", request.GetProperty("requestMethod").GetString());
        Assert.Equal(delivered.GetProperty("id").GetString(), request.GetProperty("requestHeaders").GetProperty("x-adobe-delivery-id")[0].GetString());
        Assert.Equal(200, delivered.GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseCode").GetInt32());
        Assert.Equal("a", delivered.GetProperty("trace").GetProperty("insightsInfo")[0].GetProperty("eventCode").GetString());
        Assert.StartsWith($"{id}-probe-", byWorkspace.Body[1].GetProperty("id").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Traces_of_strangers_and_of_unknown_registrations_are_not_shown()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var (_, registration) = await RegisterAsync(server, hook);
        var id = registration.GetProperty("registration_id").GetString();
        var home = server.Home.Workspace;
        var stranger = await server.CreateStrangerAsync();
        using var strange = await server.SignInAsync(stranger);
        var theirs = stranger.Workspace;

        Assert.Equal(HttpStatusCode.Forbidden, (await strange.GetAsync(TracesOf(server, registration))).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await strange.GetAsync($"/traces/{theirs.OrganizationId}/{theirs.ProjectId}/{theirs.WorkspaceId}/registration/{id}")).StatusCode);
        Assert.Equal(
            HttpStatusCode.NotFound,
            (await strange.GetAsync($"/events/organizations/{theirs.OrganizationId}/integrations/{stranger.Credential.Id}/tracing/{id}")).StatusCode);
        foreach (var unknown in (string[])[$"{Guid.NewGuid()}", "not-an-id"])
        {
            var answer = await server.SendAsync(HttpMethod.Get, $"/traces/{home.OrganizationId}/{home.ProjectId}/{home.WorkspaceId}/registration/{unknown}");
            Assert.Equal(HttpStatusCode.NotFound, answer.Status);
            Assert.Contains(unknown, answer.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        }

        Assert.Equal(
            HttpStatusCode.NotFound,
            (await server.SendAsync(HttpMethod.Get, $"/events/organizations/{home.OrganizationId}/integrations/1/tracing/{id}")).Status);
        using var anonymous = new HttpClient { BaseAddress = server.Http.BaseAddress };
        Assert.Equal(HttpStatusCode.Unauthorized, (await anonymous.GetAsync(TracesOf(server, registration))).StatusCode);
    }

    [Fact]
    public async Task A_stopping_server_waits_for_what_runs_and_keeps_its_outcome_and_trace()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var (provider, _) = await RegisterAsync(server, hook);
        await hook.NextAsync();
        var gate = new TaskCompletionSource();
        hook.Answer = _ => gate.Task;
        await server.PublishAsync(provider, "a");
        await hook.NextAsync();

        var stopping = server.StopAsync();
        Assert.Equal(1, await server.CountAsync("deliveries"));
        Assert.False(stopping.IsCompleted);
        gate.SetResult();
        await stopping;

        Assert.Equal(0, await server.CountAsync("deliveries"));
        Assert.Equal(2, await server.CountAsync("traces"));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Retries_go_to_a_new_URL_only_when_it_has_answered_its_challenge(TestEngine engine)
    {
        await using var before = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        var (provider, registration) = await RegisterAsync(server, before);
        before.AnswerWith(503);
        await server.PublishAsync(provider, "a");
        await AttemptsAsync(server, registration, 503);

        // Elsewhere, where nobody asked for events.
        await using var after = await WebhookListener.StartAsync();
        after.AnswerWith(404);
        var edited = await EditAsync(server, registration, provider, after);
        Assert.Equal("verification_failed", edited.GetProperty("webhook_status").GetString());
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        var refused = await AttemptsAsync(server, registration, 602);
        Assert.Contains("has not answered a challenge yet", refused.GetProperty("tracingResponse").GetProperty("responseBody").GetString(), StringComparison.Ordinal);
        Assert.Equal(2, after.Count);
        Assert.Equal(2, before.Count);
        var history = await server.SendAsync(HttpMethod.Get, $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}/status-history");
        Assert.Equal(0, history.Body.GetProperty("attempts").GetInt32());

        AnswerChallenge(after);
        Assert.Equal("verified", (await EditAsync(server, registration, provider, after)).GetProperty("webhook_status").GetString());
        server.Clock.Advance(TimeSpan.FromMinutes(2));
        await AttemptsAsync(server, registration, 200);
        Assert.Equal(4, after.Count);
    }

    [Fact]
    public async Task Retries_go_on_to_a_URL_that_has_answered_a_challenge_when_it_fails_the_next()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        var (provider, registration) = await RegisterAsync(server, hook);
        hook.AnswerWith(503);
        await server.PublishAsync(provider, "a");
        await AttemptsAsync(server, registration, 503);
        Assert.Equal("verification_failed", (await EditAsync(server, registration, provider, hook)).GetProperty("webhook_status").GetString());
        await server.SendAsync(
            HttpMethod.Put,
            $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}",
            server.RegistrationJson("Mine", provider, "a"));
        Assert.Equal("verification_failed", (await EditAsync(server, registration, provider, hook)).GetProperty("webhook_status").GetString());

        hook.AnswerWith(200);
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await AttemptsAsync(server, registration, 200);
        await DeliveryEngine.UntilAsync(async () => await server.CountAsync("deliveries") == 0);
    }

    [Fact]
    public async Task An_answer_that_is_no_HTTP_is_602_and_repeated()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var talking = TalkNonsenseAsync(listener);
        await using var way = new DeliveryEngine(test);
        var registration = way.Register(1, new Uri($"http://{listener.LocalEndpoint}/"));

        await way.PublishAsync(1, registration);
        await way.NextAttemptAsync(1);
        await talking;

        var response = Assert.Single(await way.TracesAsync(registration)).GetProperty("trace").GetProperty("tracingResponse");
        Assert.Equal(602, response.GetProperty("responseCode").GetInt32());
        Assert.StartsWith("602 : Network ERROR(`", response.GetProperty("responseBody").GetString(), StringComparison.Ordinal);
    }

    /// <summary>Waits until an attempt to deliver met this code, and gives its trace.</summary>
    private static async Task<JsonElement> AttemptsAsync(EventsServer server, JsonElement registration, int code)
    {
        JsonElement? found = null;
        await DeliveryEngine.UntilAsync(async () =>
        {
            var traces = (await server.SendAsync(HttpMethod.Get, TracesOf(server, registration))).Body.EnumerateArray();
            found = traces.Where(trace => trace.GetProperty("event").GetString() == "a")
                .Select(trace => (JsonElement?)trace.GetProperty("trace"))
                .FirstOrDefault(trace => trace!.Value.GetProperty("tracingResponse").GetProperty("responseCode").GetInt32() == code);
            return found is not null;
        });
        return found!.Value;
    }

    private static async Task<JsonElement> EditAsync(EventsServer server, JsonElement registration, string provider, WebhookListener hook) =>
        (await server.SendAsync(
            HttpMethod.Put,
            $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}",
            server.RegistrationJson("Mine", provider, "a", Webhook(hook)))).Body;

    private static async Task TalkNonsenseAsync(TcpListener listener)
    {
        using var client = await listener.AcceptTcpClientAsync();
        await client.GetStream().ReadAtLeastAsync(new byte[16], 16);
        await client.GetStream().WriteAsync("HELLO THERE, I AM NO HTTP\r\n\r\n"u8.ToArray());
    }

    private static string Webhook(WebhookListener hook) => $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"";

    private static string TracesOf(EventsServer server, JsonElement registration) =>
        $"/traces/{server.Workspace["/events/".Length..]}/registration/{registration.GetProperty("registration_id").GetString()}";

    private static async Task<(string Provider, JsonElement Registration)> RegisterAsync(EventsServer server, WebhookListener hook)
    {
        AnswerChallenge(hook);
        var provider = await server.CreateProviderAsync("a");
        return (provider, await server.RegisterAsync("Mine", provider, "a", Webhook(hook)));
    }

    private static void AnswerChallenge(WebhookListener hook) =>
        hook.Answer = context => context.Request.Query["challenge"] is [{ } challenge]
            ? context.Response.WriteAsync(challenge)
            : Task.CompletedTask;
}
