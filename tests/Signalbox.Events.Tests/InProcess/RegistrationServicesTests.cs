using Microsoft.AspNetCore.Http;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Filters;
using Signalbox.Events.Health;
using Signalbox.Events.Journal;
using Signalbox.Events.Registrations;
using Signalbox.Events.Replays;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Events.Tracing;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.InProcess;

/// <summary>What the console's page of a registration calls in process, against the room as the server puts it together.</summary>
public sealed class RegistrationServicesTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Traces_are_found_by_status_code_time_and_retries_page_by_page(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (traces, store, registration) = (server.Get<ITraces>(), server.Get<TraceStore>(), await RegisterAsync(server));
        int[] codes = [200, 503, 200, 604, 204, 400];
        for (var i = 0; i < codes.Length; i++)
        {
            server.Clock.Advance(TimeSpan.FromSeconds(1));
            await store.InsertAsync(Trace(server, registration, $"{i}", codes[i], retryCount: i % 3, TimeSpan.FromSeconds(i)), _none);
        }

        async Task<string> FindAsync(TraceQuery query) =>
            string.Concat((await traces.ListAsync(registration, query, _none)).Items.Select(t => t.DeliveryId));

        Assert.Equal("543210", await FindAsync(new TraceQuery()));
        Assert.Equal("420", await FindAsync(new TraceQuery { IsSuccess = true }));
        Assert.Equal("531", await FindAsync(new TraceQuery { IsSuccess = false }));
        Assert.Equal("3", await FindAsync(new TraceQuery { Code = 604 }));
        Assert.Equal("32", await FindAsync(new TraceQuery { DurationMin = TimeSpan.FromSeconds(2), DurationMax = TimeSpan.FromSeconds(4) }));
        Assert.Equal("5421", await FindAsync(new TraceQuery { IsRetry = true }));
        Assert.Equal("30", await FindAsync(new TraceQuery { IsRetry = false }));

        var first = await traces.ListAsync(registration, new TraceQuery { Limit = 2 }, _none);
        Assert.Equal((false, true, true), (first.HasNewer, first.HasOlder, first.HasErrors));
        Assert.Equal([200, 204, 400, 503, 604], first.Codes);
        var second = await traces.ListAsync(registration, new TraceQuery { Limit = 2, OlderThan = first.Items[^1].Key }, _none);
        Assert.Equal(("32", true, true), (string.Concat(second.Items.Select(t => t.DeliveryId)), second.HasNewer, second.HasOlder));
        Assert.Equal("54", await FindAsync(new TraceQuery { Limit = 2, NewerThan = second.Items[0].Key }));
        Assert.Equal((0, true), (await traces.ListAsync(registration, new TraceQuery { IsSuccess = true, Code = 500 }, _none) is var none ? (none.Items.Count, none.HasAny) : default));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_trace_shows_the_request_the_answer_and_the_activation_that_failed(TestEngine engine)
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync(engine);
        hook.AnswerTo = (context, request) =>
        {
            context.Response.StatusCode = request.Method == "POST" ? 400 : 200;
            context.Response.ContentType = "application/json";
            return context.Response.WriteAsync(request.Method == "POST" ? """{"activation_id":"0a","error":"no"}""" : $$"""{"challenge":"{{context.Request.Query["challenge"]}}"}""");
        };
        var provider = await server.CreateProviderAsync("a");
        var registration = await FindAsync(server, await server.RegisterAsync("Mine", provider, "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\""));
        await server.PublishAsync(provider, "a");
        var traces = server.Get<ITraces>();
        await DeliveryEngine.UntilAsync(async () => (await traces.ListAsync(registration, new TraceQuery(), _none)).Items.Count == 2);

        var listed = (await traces.ListAsync(registration, new TraceQuery(), _none)).Items;
        Assert.Equal([false, true], listed.Select(t => t.IsChallenge));
        Assert.Equal((400, "a"), (listed[0].Code, listed[0].EventCode));
        var exchange = (await traces.FindAsync(registration, listed[0].Key, _none))!;
        Assert.Equal(("POST", 400), (exchange.RequestMethod, exchange.ResponseCode));
        Assert.Equal(listed[0].DeliveryId, exchange.RequestHeaders.Single(h => h.Key == "x-adobe-delivery-id").Value);
        Assert.Contains("activation_id", exchange.ResponseBody, StringComparison.Ordinal);
        // A webhook may answer as it likes: only an action's handler names activations.
        Assert.Empty(exchange.ActivationIds);
        Assert.Equal(["0a"], (await traces.FindAsync(registration with { RuntimeAction = "p/a" }, listed[0].Key, _none))!.ActivationIds);
        Assert.Single(exchange.EventIds);
        Assert.Empty((await traces.FindAsync(registration, listed[1].Key, _none))!.EventIds);
        Assert.Null(await traces.FindAsync(registration with { Key = 99 }, listed[0].Key, _none));

        var letter = Assert.Single((await server.Get<IDeadLetters>().ListAsync(registration, null, null, 10, _none)).Items);
        Assert.Equal((DeadLetterReason.EndpointRejected, exchange.EventIds[0]), (letter.Letter.Reason, letter.EventId));
        // The attempt is counted when its trace is stored already.
        var healths = server.Get<IRegistrationHealth>();
        await DeliveryEngine.UntilAsync(async () => (await healths.FindAsync(registration, _none)).Tally == new AttemptTally(1, 1));
        var health = await healths.FindAsync(registration, _none);
        Assert.Equal([StatusReason.ChallengeAnswered, StatusReason.Created], health.History.Select(h => h.Reason));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_journal_is_looked_at_from_either_end_from_a_time_and_page_by_page(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (journals, provider) = (server.Get<IJournals>(), await server.CreateProviderAsync("a"));
        var registration = await FindAsync(server, await server.RegisterAsync("Mine", provider, "a"));
        var begin = server.Clock.GetUtcNow();
        for (var i = 0; i < 5; i++)
        {
            await server.PublishAsync(provider, "a", $$"""{"n":{{i}}}""");
            server.Clock.Advance(TimeSpan.FromMinutes(1));
        }

        async Task<(string Numbers, JournalView View)> ReadAsync(JournalPlace place)
        {
            var view = await journals.ReadAsync(registration, place with { Limit = 2 }, _none);
            return (string.Concat(view.Items.Select(e => System.Text.Json.JsonElement.Parse(e.Json).GetProperty("data").GetProperty("n").GetInt32())), view);
        }

        var (numbers, latest) = await ReadAsync(new JournalPlace.Latest());
        Assert.Equal(("43", false, true), (numbers, latest.HasNewer, latest.HasOlder));
        (numbers, var older) = await ReadAsync(new JournalPlace.Before(latest.Items[^1].Position));
        Assert.Equal(("21", true, true), (numbers, older.HasNewer, older.HasOlder));
        Assert.Equal("43", (await ReadAsync(new JournalPlace.After(older.Items[0].Position))).Numbers);
        (numbers, var start) = await ReadAsync(new JournalPlace.Beginning());
        Assert.Equal(("10", true, false), (numbers, start.HasNewer, start.HasOlder));
        Assert.Equal("32", (await ReadAsync(new JournalPlace.From(begin + TimeSpan.FromMinutes(2)))).Numbers);
        (numbers, var future) = await ReadAsync(new JournalPlace.From(begin + TimeSpan.FromDays(1)));
        Assert.Equal(("", false, true), (numbers, future.HasNewer, future.HasOlder));
        Assert.Contains("\"recipient_client_id\"", latest.Items[0].Json, StringComparison.Ordinal);

        server.Clock.Advance(TimeSpan.FromDays(8));
        Assert.Empty((await ReadAsync(new JournalPlace.Latest())).View.Items);
    }

    [Fact]
    public async Task A_filter_is_tried_saved_replaced_and_removed()
    {
        await using var server = await EventsServer.StartAsync();
        var filters = server.Get<IFilters>();
        var registration = await RegisterAsync(server);
        async Task RereadAsync() => registration = (await server.Get<IRegistrations>().FindAsync(registration.Id.ToString(), server.Home.Workspace, _none)).Value!;

        var body = new SubscriberFilterBody { Name = "red", SubscriberFilter = """{"data":{"colour":["red"]}}""" };
        var custom = new CustomSampleEvent { Name = "mine", SamplePayload = System.Text.Json.JsonElement.Parse("""{"data":{"colour":"red"}}""") };
        var verdict = (await filters.TryAsync(registration, new FilterValidationBody { SubscriberFilter = body, CustomSampleEvents = [custom] }, _none)).Value!;
        Assert.Equal(["mine"], verdict.CustomSampleEvents.Matched);

        Assert.Equal("red", (await filters.SaveAsync(registration, body)).Value!.Name);
        await RereadAsync();
        Assert.Equal("blue", (await filters.SaveAsync(registration, body with { Name = "blue" })).Value!.Name);
        await RereadAsync();
        Assert.Equal("blue", registration.Filter!.Name);
        Assert.NotNull((await filters.SaveAsync(registration, body with { SubscriberFilter = "{" })).Refusal);
        Assert.Null((await filters.RemoveAsync(registration)).Refusal);
        await RereadAsync();
        Assert.Null(registration.Filter);
        Assert.Equal(404, (await filters.RemoveAsync(registration)).Refusal!.Status);
        Assert.NotNull(filters.FindObjection(registration with { DeliveryType = DeliveryType.AwsEventBridge }));
    }

    [Fact]
    public async Task A_replay_is_started_and_cancelled_and_a_journal_registration_has_none()
    {
        await using var server = await EventsServer.StartAsync();
        var (replays, letters) = (server.Get<IReplays>(), server.Get<IDeadLetters>());
        var journal = await RegisterAsync(server);
        Assert.Equal(409, (await replays.StartAsync(journal, new ReplayBody { From = "2026-01-01T00:00:00Z", To = "2026-01-01T00:00:01Z" }, _none)).Refusal!.Status);
        Assert.Equal(409, (await letters.RedriveAsync(journal, 1, _none)).Refusal!.Status);

        var provider = await server.CreateProviderAsync("b");
        var pushed = await FindAsync(server, await server.RegisterAsync("Pushed", provider, "b", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://hook.example/\""));
        Assert.NotNull((await replays.StartAsync(pushed, new ReplayBody(), _none)).Refusal);
        var replay = (await replays.StartAsync(pushed, new ReplayBody { From = "2025-12-31T00:00:00Z" }, _none)).Value!;
        Assert.Equal([replay.Id], (await replays.ListAsync(pushed, 10, _none)).Select(r => r.Id));
        Assert.Null((await replays.CancelAsync(pushed, replay.Id, _none)).Refusal);
        Assert.Equal(404, (await replays.CancelAsync(pushed, "x", _none)).Refusal!.Status);
        Assert.Equal(404, (await letters.RedriveAsync(pushed, 1, _none)).Refusal!.Status);
        Assert.Equal(0, await letters.PurgeAsync(pushed, null, _none));
    }

    private static async Task<Registration> RegisterAsync(EventsServer server) =>
        await FindAsync(server, await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a"));

    private static async Task<Registration> FindAsync(EventsServer server, System.Text.Json.JsonElement created) =>
        (await server.Get<IRegistrations>().FindAsync(created.GetProperty("registration_id").GetString()!, server.Home.Workspace, _none)).Value!;

    private static DeliveryTrace Trace(EventsServer server, Registration registration, string id, int code, int retryCount, TimeSpan duration) => new()
    {
        RegistrationKey = registration.Key,
        DeliveryId = id,
        EventCode = "a",
        Provider = "shop",
        Code = code,
        RetryCount = retryCount,
        Duration = duration,
        IsSuccess = code < 300,
        AttemptedAt = server.Clock.GetUtcNow(),
        WriteDocument = () => [],
        HeldBytes = 1,
    };
}
