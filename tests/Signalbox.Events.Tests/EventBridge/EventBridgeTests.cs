using System.Collections.Concurrent;
using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.EventBridge;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.EventBridge;

/// <summary>Deliveries to Amazon EventBridge, to a sink on this machine that speaks its protocol.</summary>
public sealed class EventBridgeTests
{
    private const string Destination = """
        "delivery_type":"aws_eventbridge","destination_metadata":{"aws_region":"eu-west-1","aws_account_id":"123456789012"}
        """;

    [Fact]
    public async Task An_association_does_not_switch_on_what_its_owner_has_switched_off()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink, TestEngine.Sqlite);
        var registration = await server.RegisterAsync("Bridge", await server.CreateProviderAsync("a"), "a", Destination + ",\"enabled\":false");

        var associated = (await server.Get<EventBridgeAssociations>().AssociateAsync(Id(registration), default))!;

        Assert.Equal((WebhookStatus.Verified, false), (associated.Status, associated.IsEnabled));
    }

    [Fact]
    public async Task An_edit_that_began_before_the_association_leaves_it()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var id = Id(await server.RegisterAsync("Bridge", await server.CreateProviderAsync("a"), "a", Destination));
        var directory = server.Get<RegistrationDirectory>();
        var seen = (await directory.FindAsync(id, default))!;
        await server.Get<EventBridgeAssociations>().AssociateAsync(id, default);

        await server.Get<RegistrationService>().UpdateAsync(server.Home.Workspace, seen, IfMatch.Any, RegistrationBody.Of(seen) with { Description = "Other" }, default);

        var edited = (await directory.FindAsync(id, default))!;
        Assert.Equal(("Other", WebhookStatus.Verified), (edited.Description, edited.Status));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_registration_waits_for_its_association_and_delivers_signed_entries_after_it(TestEngine engine)
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink, engine);
        var provider = await server.CreateProviderAsync("a.b");
        var registration = await server.RegisterAsync("Bridge", provider, "a.b", Destination);
        var id = Id(registration);
        Assert.Equal("pending", registration.GetProperty("webhook_status").GetString());
        Assert.Equal("eu-west-1", registration.GetProperty("destination_metadata").GetProperty("aws_region").GetString());
        Assert.Equal("123456789012", registration.GetProperty("destination_metadata").GetProperty("aws_account_id").GetString());
        await server.PublishAsync(provider, "a.b", id: "before");
        Assert.Equal(0, await server.CountAsync("deliveries"));

        Assert.Equal(WebhookStatus.Verified, (await server.Get<EventBridgeAssociations>().AssociateAsync(id, default))!.Status);
        await server.PublishAsync(provider, "a.b", """{"n":1.50,"t":"é\""}""", "after");
        var request = await sink.NextAsync();

        Assert.Equal("application/x-amz-json-1.1", request.Headers["content-type"]);
        Assert.Equal("AWSEvents.PutEvents", request.Headers["x-amz-target"]);
        Assert.StartsWith("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/", request.Headers["authorization"], StringComparison.Ordinal);
        Assert.Contains("/eu-west-1/events/aws4_request", request.Headers["authorization"], StringComparison.Ordinal);
        Assert.Contains("Signature=", request.Headers["authorization"], StringComparison.Ordinal);
        Assert.NotEmpty(request.Headers["x-amz-date"]);
        var entry = Assert.Single(JsonElement.Parse(request.Body).GetProperty("Entries").EnumerateArray());
        Assert.Equal("Shop:a.b", entry.GetProperty("DetailType").GetString());
        Assert.Equal($"aws.partner/developer.adobe.com/{id}", entry.GetProperty("Source").GetString());
        Assert.Equal("arn:aws:events:eu-west-1:123456789012:event-bus/signalbox", entry.GetProperty("EventBusName").GetString());
        Assert.Equal(server.Clock.GetUtcNow().ToUnixTimeSeconds(), entry.GetProperty("Time").GetInt64());
        var detail = entry.GetProperty("Detail").GetString()!;
        Assert.Contains("""{"n":1.50,"t":"é\""}""", detail, StringComparison.Ordinal);
        Assert.Equal("after", JsonElement.Parse(detail).GetProperty("id").GetString());
        Assert.Equal(server.ClientId, JsonElement.Parse(detail).GetProperty("recipientclientid").GetString());
        await HoldsAsync(async () => await server.CountAsync("deliveries") == 0);

        var journal = await server.SendAsync(HttpMethod.Get, new Uri(registration.GetProperty("_links").GetProperty("rel:events").GetProperty("href").GetString()!).AbsolutePath);
        Assert.Equal(2, journal.Body.GetProperty("events").GetArrayLength());
        var traces = await server.SendAsync(HttpMethod.Get, new Uri(registration.GetProperty("_links").GetProperty("rel:trace").GetProperty("href").GetString()!).AbsolutePath);
        var trace = Assert.Single(traces.Body.EnumerateArray()).GetProperty("trace");
        Assert.Equal(200, trace.GetProperty("tracingResponse").GetProperty("responseCode").GetInt32());
        Assert.DoesNotContain("Signature=", trace.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_entry_that_was_not_taken_is_retried_alone_and_a_throttled_request_whole()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await PrepareAsync(server);
        // At first every request is throttled; then 1 and 2 are not taken, and 3 is; then all are.
        var attempts = new ConcurrentDictionary<string, int>();
        sink.AnswerTo = (context, request) =>
        {
            var tries = Ids(request).Select(id => (Id: id, Count: attempts.AddOrUpdate(id, 1, (_, count) => count + 1))).ToList();
            return tries.Any(t => t.Count == 1)
                ? ThrottleAsync(context)
                : AnswerAsync(context, [.. tries.Select(t => t.Id == "3" || t.Count > 2
                    ? """{"EventId":"x"}"""
                    : """{"ErrorCode":"InternalFailure","ErrorMessage":"try again"}""")]);
        };
        await server.SendAsync(HttpMethod.Post, "/ingress", Batch(provider, "1", "2", "3"), "application/cloudevents-batch+json");

        // The clock stands still until the outcomes are kept: an attempt's time limit hangs on it.
        await HoldsAsync(async () => await server.CountAsync("deliveries WHERE retry_count = 1") == 3);
        await StepAsync(server, sink);
        await HoldsAsync(async () => await server.CountAsync("deliveries WHERE retry_count = 2") == 2);
        Assert.Equal(2, await server.CountAsync("deliveries"));
        await StepAsync(server, sink);
        await HoldsAsync(async () => await server.CountAsync("deliveries") == 0);

        Assert.Equal((3, 3, 2), (attempts["1"], attempts["2"], attempts["3"]));
        Assert.Equal(0, await server.CountAsync("dead_letters"));
    }

    [Fact]
    public async Task A_request_carries_ten_entries_at_most()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await PrepareAsync(server);

        await server.SendAsync(
            HttpMethod.Post, "/ingress", Batch(provider, [.. Enumerable.Range(0, 35).Select(i => $"{i}")]), "application/cloudevents-batch+json");
        var ids = new List<string>();
        while (ids.Count < 35)
        {
            var entries = Ids(await sink.NextAsync());
            Assert.InRange(entries.Count, 1, 10);
            ids.AddRange(entries);
        }

        Assert.Equal(35, ids.Distinct().Count());
    }

    [Fact]
    public async Task An_event_that_EventBridge_cannot_take_is_a_dead_letter()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await PrepareAsync(server);

        await server.PublishAsync(provider, "a.b", $"\"{new string('x', 300_000)}\"");
        await HoldsAsync(async () => await server.CountAsync("dead_letters") == 1);

        Assert.Equal(0, sink.Count);
    }

    [Fact]
    public async Task Credentials_that_cannot_be_read_fail_the_attempt_which_is_retried_in_its_time()
    {
        Environment.SetEnvironmentVariable("AWS_WEB_IDENTITY_TOKEN_FILE", "/nowhere/token");
        Environment.SetEnvironmentVariable("AWS_ROLE_ARN", "arn:aws:iam::123456789012:role/sender");
        await using var server = await EventsServer.StartDeliveringAsync();
        var provider = await PrepareAsync(server);

        await server.PublishAsync(provider, "a.b");

        await HoldsAsync(async () => await server.CountAsync("deliveries WHERE retry_count = 1") == 1);
        var document = await server.Get<Storage.Database>().WriteAsync(session => session.QuerySingleOrDefault<byte[]>("SELECT document FROM traces"));
        Assert.Contains("There are no AWS credentials to sign with.", Encoding.UTF8.GetString(document!), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_source_that_nobody_associates_expires_after_seven_days_and_can_be_edited_back()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await server.CreateProviderAsync("a.b");
        var registration = await server.RegisterAsync("Bridge", provider, "a.b", Destination);
        var path = $"{server.Workspace}/registrations/{Id(registration)}";
        var associations = server.Get<EventBridgeAssociations>();

        server.Clock.Advance(TimeSpan.FromDays(7) - TimeSpan.FromMinutes(1));
        await associations.ExpireAsync(default);
        var before = (await server.SendAsync(HttpMethod.Get, path)).Body;
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await associations.ExpireAsync(default);
        var after = (await server.SendAsync(HttpMethod.Get, path)).Body;
        await associations.AssociateAsync(Id(registration), default);
        var late = (await server.SendAsync(HttpMethod.Get, path)).Body;
        var edited = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Bridge", provider, "a.b", Destination));

        Assert.Equal("pending", before.GetProperty("webhook_status").GetString());
        Assert.Equal("verification_failed", after.GetProperty("webhook_status").GetString());
        Assert.False(after.GetProperty("enabled").GetBoolean());
        Assert.Equal("verification_failed", late.GetProperty("webhook_status").GetString());
        Assert.Equal("pending", edited.Body.GetProperty("webhook_status").GetString());
    }

    [Theory]
    [InlineData("\"delivery_type\":\"aws_eventbridge\"", "destination_metadata")]
    [InlineData("\"delivery_type\":\"aws_eventbridge\",\"destination_metadata\":{\"aws_region\":\"evil.example/x\",\"aws_account_id\":\"123456789012\"}", "destination_metadata.aws_region")]
    [InlineData("\"delivery_type\":\"aws_eventbridge\",\"destination_metadata\":{\"aws_region\":\"eu-west-1\",\"aws_account_id\":\"12345\"}", "destination_metadata.aws_account_id")]
    [InlineData("\"delivery_type\":\"aws_eventbridge\",\"webhook_url\":\"https://example.com\",\"destination_metadata\":{\"aws_region\":\"eu-west-1\",\"aws_account_id\":\"123456789012\"}", "webhook_url")]
    [InlineData("\"delivery_type\":\"journal\",\"destination_metadata\":{\"aws_region\":\"eu-west-1\",\"aws_account_id\":\"123456789012\"}", "destination_metadata")]
    [InlineData("\"delivery_type\":\"aws_eventbridge\",\"destination_metadata\":{\"aws_region\":\"eu-west-1\",\"aws_account_id\":\"123456789012\"},\"subscriber_filters\":[{\"name\":\"mine\",\"subscriber_filter\":\"{\\\"type\\\":[\\\"a\\\"]}\"}]", "subscriber_filters")]
    public async Task A_destination_that_is_none_is_refused_by_name(string more, string field)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a.b");

        var answer = await server.SendAsync(HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("Bridge", provider, "a.b", more));

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        Assert.Equal(field, answer.Body.GetProperty("errors")[0].GetProperty("field").GetString());
    }

    [Fact]
    public async Task The_operators_endpoint_is_open_to_no_webhook()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await server.CreateProviderAsync("a.b");

        var refused = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            server.RegistrationJson("Sneaky", provider, "a.b", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{sink.Url}\""));

        Assert.Equal(HttpStatusCode.BadRequest, refused.Status);
        Assert.Equal(0, sink.Count);
    }

    [Fact]
    public async Task An_answer_that_is_no_text_is_a_failure_that_is_kept_and_retried()
    {
        await using var sink = await StartSinkAsync();
        await using var server = await StartAsync(sink);
        var provider = await PrepareAsync(server);
        sink.AnswerTo = (context, _) => AnswerAsync(context, ["{\"ErrorCode\":\"\\ud800\"}"]);

        await server.PublishAsync(provider, "a.b");

        await HoldsAsync(async () => await server.CountAsync("deliveries WHERE retry_count = 1") == 1);
    }

    private static async Task<WebhookListener> StartSinkAsync()
    {
        var sink = await WebhookListener.StartAsync();
        sink.AnswerTo = (context, request) => TakeAsync(context, JsonElement.Parse(request.Body).GetProperty("Entries").GetArrayLength());
        return sink;
    }

    private static Task<EventsServer> StartAsync(WebhookListener sink, TestEngine engine = TestEngine.Sqlite) =>
        EventsServer.StartDeliveringAsync(engine, new EventsOptions
        {
            EventBridge = new EventBridgeOptions
            {
                Endpoint = sink.Url,
                AccessKeyId = "AKIDEXAMPLE",
                SecretAccessKey = "secret",
                EventBus = "arn:aws:events:{region}:{account}:event-bus/signalbox",
            },
        });

    private static async Task<string> PrepareAsync(EventsServer server)
    {
        var provider = await server.CreateProviderAsync("a.b");
        var registration = await server.RegisterAsync("Bridge", provider, "a.b", Destination);
        await server.Get<EventBridgeAssociations>().AssociateAsync(Id(registration), default);
        return provider;
    }

    private static RegistrationId Id(JsonElement registration) => new(registration.GetProperty("registration_id").GetGuid());

    private static string Batch(string provider, params IReadOnlyList<string> ids) =>
        "[" + string.Join(',', ids.Select(id => $$"""{"data":{},"specversion":"1.0","id":"{{id}}","source":"urn:uuid:{{provider}}","type":"a.b"}""")) + "]";

    private static List<string> Ids(ReceivedRequest request) =>
    [
        .. JsonElement.Parse(request.Body).GetProperty("Entries").EnumerateArray()
            .Select(e => JsonElement.Parse(e.GetProperty("Detail").GetString()!).GetProperty("id").GetString()!),
    ];

    private static Task ThrottleAsync(HttpContext context)
    {
        context.Response.StatusCode = 400;
        return context.Response.WriteAsync("""{"__type":"ThrottlingException","message":"Rate exceeded"}""");
    }

    private static Task TakeAsync(HttpContext context, int count) =>
        AnswerAsync(context, [.. Enumerable.Range(0, count).Select(i => $$"""{"EventId":"{{i}}"}""")]);

    private static Task AnswerAsync(HttpContext context, params IReadOnlyList<string> entries)
    {
        context.Response.ContentType = "application/x-amz-json-1.1";
        return context.Response.WriteAsync($$"""{"FailedEntryCount":0,"Entries":[{{string.Join(',', entries)}}]}""");
    }

    /// <summary>Moves the clock until the next request comes.</summary>
    private static async Task StepAsync(EventsServer server, WebhookListener sink)
    {
        var before = sink.Count;
        for (var step = 0; step < 400 && sink.Count == before; step++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(5));
            await Task.Delay(25);
        }
    }

    private static async Task HoldsAsync(Func<Task<bool>> condition)
    {
        for (var look = 0; look < 400; look++)
        {
            if (await condition())
            {
                return;
            }

            await Task.Delay(25);
        }

        Assert.Fail("It did not come true within 10 s.");
    }
}
