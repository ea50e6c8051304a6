using System.Collections.Concurrent;
using System.Net;
using System.Text.Json;
using Signalbox.Events.Challenges;
using Signalbox.Events.Edge;
using Signalbox.Events.Journal;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Registrations;

public sealed class RegistrationTests
{
    private const string Action = "\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/act\"";
    private const string Webhook = "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/hook\"";

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_runtime_registration_gets_a_handler_that_follows_it_until_it_is_deleted(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a", "b");
        var created = await server.RegisterAsync("Mine", provider, "a", Action);
        var path = $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}";

        Assert.Equal("verified", created.GetProperty("webhook_status").GetString());
        Assert.True(created.GetProperty("enabled").GetBoolean());
        Assert.False(created.TryGetProperty("webhook_url", out _));
        Assert.Equal("Label of a", created.GetProperty("events_of_interest")[0].GetProperty("event_label").GetString());
        var suffix = Assert.Single(server.Handlers.Saved).Key;
        Assert.Equal(10, suffix.Length);

        var updated = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Renamed", provider, "b", Action.Replace("pkg/act", "pkg/other", StringComparison.Ordinal)));
        Assert.Equal(HttpStatusCode.OK, updated.Status);
        var handler = Assert.Single(server.Handlers.Saved);
        Assert.Equal(suffix, handler.Key);
        Assert.Equal("pkg/other", handler.Value.RuntimeAction);
        Assert.Equal("b", Assert.Single(handler.Value.Events).EventCode);
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "a"));
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "b"));
        Assert.Single(server.Queue.Offers);
        await server.Get<Database>().WriteAsync(session => session.Execute("DELETE FROM deliveries"));

        Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, path)).Status);
        Assert.Empty(server.Handlers.Saved);
        Assert.Equal(HttpStatusCode.NotFound, (await server.SendAsync(HttpMethod.Get, path)).Status);
        Assert.Equal(HttpStatusCode.NoContent, await server.PublishAsync(provider, "b"));
        Assert.NotNull(await server.Get<IRegistrationDirectory>().FindAsync(created.GetProperty("id").GetInt64(), default));
    }

    [Fact]
    public async Task Spaces_around_a_webhook_url_are_no_part_of_it()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");

        var created = await server.RegisterAsync("Mine", provider, "a", """
            "delivery_type":"webhook","webhook_url":" https://example.com/hook\n"
            """);

        Assert.Equal("https://example.com/hook", created.GetProperty("webhook_url").GetString());
    }

    [Theory]
    [InlineData("""My\r\nname""", "https://example.com/", "'name' contains a line break or another control character. Remove it.")]
    [InlineData("""My\u0000name""", "https://example.com/", "'name' contains a control character. Remove it.")]
    [InlineData("Mine", """https://example.com/a\nb""", "'webhook_url' contains a line break or another control character. Remove it.")]
    public async Task A_name_and_a_webhook_url_are_one_line(string name, string url, string message)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");

        var refused = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson(name, provider, "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{url}\""));

        Assert.Equal((HttpStatusCode.BadRequest, message), (refused.Status, refused.Body.GetProperty("message").GetString()));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Whether_a_registration_pushes_is_the_same_in_its_row(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        await server.RegisterAsync("Mine", provider, "a", Action);
        var states =
            from type in Enum.GetValues<DeliveryType>()
            from status in Enum.GetValues<WebhookStatus>()
            from enabled in (bool[])[true, false]
            from deletedAt in (long?[])[null, 1]
            select new { type = RegistrationWords.Of(type), status = RegistrationWords.Of(status), enabled, deletedAt };

        var pushing = 0;
        foreach (var state in states)
        {
            var found = await server.Get<Database>().WriteAsync(session =>
            {
                session.Execute(
                    "UPDATE registrations SET delivery_type = @type, webhook_status = @status, enabled = @enabled, deleted_at = @deletedAt", state);
                var row = session.QuerySingleOrDefault<RegistrationRow>($"SELECT {RegistrationRow.Columns} FROM registrations");
                var count = session.QuerySingleOrDefault<long>($"SELECT COUNT(*) FROM registrations r WHERE {RegistrationRow.IsPushing}");
                return (row!.ToRegistration([]).IsPushing, Count: count);
            });
            Assert.True(found.IsPushing == (found.Count == 1), $"{state}: {found}");
            pushing += found.IsPushing ? 1 : 0;
        }

        Assert.Equal(6, pushing);
    }

    [Fact]
    public async Task They_are_listed_however_often_somebody_asks()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        await server.RegisterAsync("Mine", provider, "a", Action);
        for (var i = 0; i < 30; i++)
        {
            var list = await server.SendAsync(HttpMethod.Get, $"{server.Workspace}/registrations");
            Assert.Equal(HttpStatusCode.OK, list.Status);
            Assert.Single(list.Body.GetProperty("_embedded").GetProperty("registrations").EnumerateArray());
        }
    }

    [Fact]
    public async Task A_failed_challenge_still_creates_but_disables()
    {
        await using var server = await EventsServer.StartAsync();
        server.Challenge.Answer = WebhookStatus.VerificationFailed;
        var provider = await server.CreateProviderAsync("a");

        var created = await server.RegisterAsync("Mine", provider, "a", Action);

        Assert.Equal("verification_failed", created.GetProperty("webhook_status").GetString());
        Assert.False(created.GetProperty("enabled").GetBoolean());
        Assert.Equal(HttpStatusCode.OK, await server.PublishAsync(provider, "a"));
        Assert.Empty(server.Queue.Offers);

        server.Challenge.Answer = WebhookStatus.Verified;
        var retried = await server.SendAsync(
            HttpMethod.Patch, $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}",
            """[{"op":"replace","path":"/description","value":"again"}]""", "application/json-patch+json");
        Assert.Equal(HttpStatusCode.OK, retried.Status);
        Assert.Equal("verified", retried.Body.GetProperty("webhook_status").GetString());
        Assert.True(retried.Body.GetProperty("enabled").GetBoolean());
        Assert.Equal("again", retried.Body.GetProperty("description").GetString());
    }

    [Theory]
    [InlineData("{", "")]
    [InlineData("[]", "")]
    [InlineData("{\"name\":7}", "name")]
    [InlineData("{}", "client_id")]
    [InlineData("CLIENT {}", "name")]
    [InlineData("CLIENT {\"name\":\"ab\"}", "name")]
    [InlineData("CLIENT {\"name\":\"a\\u0000bc\"}", "name")]
    [InlineData("GOOD {\"delivery_type\":\"webhook\"}", "webhook_url")]
    [InlineData("GOOD {\"delivery_type\":\"aws_eventbridge\"}", "destination_metadata")]
    [InlineData("GOOD {\"delivery_type\":\"pigeon\"}", "delivery_type")]
    [InlineData("GOOD {\"delivery_type\":\"webhook\",\"runtime_action\":\"pkg/web\"}", "runtime_action")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"runtime_action\":\"pkg/act\"}", "runtime_action")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"subscriber_filters\":[{\"name\":\"Filter\",\"subscriber_filter\":\"{}\"}]}", "subscriber_filters[0].subscriber_filter")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"events_of_interest\":[]}", "events_of_interest")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"events_of_interest\":[null]}", "events_of_interest[0]")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"events_of_interest\":[{\"provider_id\":\"nope\",\"event_code\":\"a\"}]}", "events_of_interest[0].provider_id")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"events_of_interest\":[{\"provider_id\":\"PROVIDER\",\"event_code\":\"zzz\"}]}", "events_of_interest[0].event_code")]
    [InlineData("GOOD {\"delivery_type\":\"journal\",\"events_of_interest\":[{\"provider_id\":\"PROVIDER\",\"event_code\":\"a\"},{\"provider_id\":\"PROVIDER\",\"event_code\":\"a\"}]}", "events_of_interest[1]")]
    public async Task Wrong_bodies_are_refused_by_field(string template, string field)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var interests = $"\"events_of_interest\":[{{\"provider_id\":\"{provider}\",\"event_code\":\"a\"}}]";
        var body = template.Replace("PROVIDER", provider, StringComparison.Ordinal);
        body = body.StartsWith("CLIENT {", StringComparison.Ordinal) ? $"{{\"client_id\":\"{server.ClientId}\",{body[8..]}".Replace(",}", "}", StringComparison.Ordinal)
            : body.StartsWith("GOOD {", StringComparison.Ordinal)
                ? $"{{\"client_id\":\"{server.ClientId}\",\"name\":\"Mine\",{(body.Contains("events_of_interest", StringComparison.Ordinal) ? "" : interests + ",")}{body[6..]}"
                : body;

        var answer = await server.SendAsync(HttpMethod.Post, server.Workspace + "/registrations", body);

        Assert.Equal(HttpStatusCode.BadRequest, answer.Status);
        var errors = answer.Body.GetProperty("errors");
        Assert.Equal(field, errors.GetArrayLength() == 0 ? "" : errors[0].GetProperty("field").GetString());
        Assert.True(answer.Response.Headers.Contains("x-request-id"));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Names_and_quotas_conflict(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine, new EventsOptions { RegistrationsPerClientMax = 2 });
        var provider = await server.CreateProviderAsync("a");
        var first = await server.RegisterAsync("One", provider, "a");
        var id = first.GetProperty("registration_id").GetString();

        var again = await server.SendAsync(HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("One", provider, "a"));
        var second = await server.RegisterAsync("Two", provider, "a");
        var rename = await server.SendAsync(
            HttpMethod.Put, $"{server.Workspace}/registrations/{second.GetProperty("registration_id").GetString()}", server.RegistrationJson("One", provider, "a"));
        var third = await server.SendAsync(HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("Three", provider, "a"));

        Assert.Equal([HttpStatusCode.Conflict, HttpStatusCode.Conflict, HttpStatusCode.Conflict], [again.Status, rename.Status, third.Status]);
        Assert.Equal(id, Assert.Single(again.Response.Headers.GetValues("x-conflicting-id")));
        Assert.Equal(id, Assert.Single(rename.Response.Headers.GetValues("x-conflicting-id")));
        Assert.False(third.Response.Headers.Contains("x-conflicting-id"));
    }

    [Fact]
    public async Task Lists_are_complete_and_paged()
    {
        await using var server = await EventsServer.StartAsync();
        var empty = await server.SendAsync(HttpMethod.Get, server.Workspace + "/registrations");
        var provider = await server.CreateProviderAsync("a");
        for (var i = 0; i < 3; i++)
        {
            await server.RegisterAsync($"Number {i}", provider, "a");
        }

        var path = $"/events/{server.Home.Workspace.OrganizationId}/registrations";
        var page = (await server.SendAsync(HttpMethod.Get, path + "?page=1&size=2")).Body;

        Assert.Equal(0, empty.Body.GetProperty("_embedded").GetProperty("registrations").GetArrayLength());
        Assert.Equal(3, (await server.SendAsync(HttpMethod.Get, server.Workspace + "/registrations")).Body.GetProperty("_embedded").GetProperty("registrations").GetArrayLength());
        Assert.Equal("""{"size":2,"number":1,"numberOfElements":1,"totalElements":3,"totalPages":2}""", page.GetProperty("page").GetRawText());
        Assert.EndsWith("page=0&size=2", page.GetProperty("_links").GetProperty("prev").GetProperty("href").GetString(), StringComparison.Ordinal);
        Assert.False(page.GetProperty("_links").TryGetProperty("next", out _));
        foreach (var wrong in (string[])["?page=2&size=2", "?size=0", "?size=101", "?page=-1", "?page=x"])
        {
            Assert.Equal(HttpStatusCode.BadRequest, (await server.SendAsync(HttpMethod.Get, path + wrong)).Status);
        }
    }

    [Fact]
    public async Task What_a_crash_left_half_done_is_settled_later()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        server.Handlers.IsBroken = true;
        var created = await server.RegisterAsync("Mine", provider, "a", Action);
        Assert.Equal("verification_failed", created.GetProperty("webhook_status").GetString());

        server.Handlers.IsBroken = false;
        server.Clock.Advance(TimeSpan.FromMinutes(5));

        var deadline = DateTime.UtcNow.AddSeconds(10);
        while (server.Handlers.Saved.Count == 0 && DateTime.UtcNow < deadline)
        {
            await Task.Yield();
        }

        Assert.Single(server.Handlers.Saved);
    }

    [Fact]
    public async Task A_change_that_the_runtime_cannot_follow_is_refused_and_the_handler_led_back_later()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var created = await server.RegisterAsync("Mine", provider, "a", Action);
        var path = $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}";
        server.Handlers.IsBroken = true;

        var refused = await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("New", provider, "a", Action.Replace("act\"", "other\"", StringComparison.Ordinal)));

        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Contains("'pkg/other'", refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("Service Unavailable", refused.Body.GetProperty("reason").GetString());
        Assert.True(refused.Response.Headers.Contains("x-request-id"));
        Assert.NotNull(refused.Response.Headers.RetryAfter);
        var after = (await server.SendAsync(HttpMethod.Get, path)).Body;
        Assert.Equal("Mine", after.GetProperty("name").GetString());
        Assert.Equal("verified", after.GetProperty("webhook_status").GetString());

        server.Handlers.IsBroken = false;
        server.Handlers.Saved.Clear();
        server.Clock.Advance(TimeSpan.FromMinutes(5));
        await DeliveryEngine.UntilAsync(() => Task.FromResult(server.Handlers.Saved.Count == 1));
        Assert.Equal("pkg/act", server.Handlers.Saved.Single().Value.RuntimeAction);
    }

    [Fact]
    public async Task An_edit_that_began_before_another_gave_the_handler_takes_it_away()
    {
        await using var server = await EventsServer.StartAsync();
        var registration = await RegisterAsync(server, await server.CreateProviderAsync("a"), Webhook);
        var service = server.Get<RegistrationService>();

        // Both have read the registration as it was at first.
        await service.UpdateAsync(server.Home.Workspace, registration, IfMatch.Any, RegistrationBody.Of(registration) with { WebhookUrl = null, RuntimeAction = "pkg/act" }, default);
        Assert.Single(server.Handlers.Saved);
        await service.UpdateAsync(server.Home.Workspace, registration, IfMatch.Any, RegistrationBody.Of(registration) with { Description = "Other" }, default);

        Assert.Empty(server.Handlers.Saved);
    }

    [Fact]
    public async Task Two_edits_that_both_give_a_handler_give_one()
    {
        await using var server = await EventsServer.StartAsync();
        var registration = await RegisterAsync(server, await server.CreateProviderAsync("a"), Webhook);
        var service = server.Get<RegistrationService>();

        foreach (var action in (string[])["pkg/act", "pkg/other"])
        {
            await service.UpdateAsync(server.Home.Workspace, registration, IfMatch.Any, RegistrationBody.Of(registration) with { WebhookUrl = null, RuntimeAction = action }, default);
        }

        Assert.Equal("pkg/other", Assert.Single(server.Handlers.Saved).Value.RuntimeAction);
    }

    [Fact]
    public async Task A_deletion_while_the_handler_is_made_ready_for_an_edit_leaves_no_handler()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a", "b");
        var registration = await RegisterAsync(server, provider, Action);
        server.Handlers.DuringSave = async () => Assert.Equal(HttpStatusCode.NoContent, (await server.SendAsync(HttpMethod.Delete, registration.Path())).Status);

        var edited = await server.SendAsync(HttpMethod.Put, registration.Path(), server.RegistrationJson("Mine", provider, "b", Action));

        Assert.Equal(HttpStatusCode.NotFound, edited.Status);
        Assert.Empty(server.Handlers.Saved);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_handler_of_a_deleted_registration_stays_for_the_retries_that_wait_and_goes_with_the_last(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var registration = await RegisterAsync(server, provider, Action);
        await server.PublishAsync(provider, "a");
        Assert.Equal(1, await server.CountAsync("deliveries"));

        await server.SendAsync(HttpMethod.Delete, registration.Path());
        Assert.Single(server.Handlers.Saved);

        await server.Get<Database>().WriteAsync(session => session.Execute("DELETE FROM deliveries"));
        await server.Get<RegistrationSettler>().SettleAsync((await server.Get<RegistrationDirectory>().FindAsync(registration.Key, default))!, default);

        Assert.Empty(server.Handlers.Saved);
        Assert.False((await server.Get<RegistrationDirectory>().FindAsync(registration.Key, default))!.IsHandlerPending);
    }

    [Fact]
    public async Task A_handler_that_is_saved_late_follows_the_edit_that_came_meanwhile()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        server.Handlers.IsBroken = true;
        var registration = await RegisterAsync(server, provider, Action);
        server.Handlers.IsBroken = false;
        server.Handlers.DuringSave = async () => Assert.Equal(
            HttpStatusCode.OK, (await server.SendAsync(HttpMethod.Put, registration.Path(), server.RegistrationJson("Mine", provider, "a", Webhook))).Status);

        await server.Get<RegistrationSettler>().SettleAsync(registration, default);

        Assert.Empty(server.Handlers.Saved);
        Assert.False((await server.Get<RegistrationDirectory>().FindAsync(registration.Key, default))!.IsHandlerPending);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task The_pause_that_an_endpoint_asked_for_ends_with_an_edit_whose_challenge_is_answered_and_no_other(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var registration = await RegisterAsync(server, provider, Webhook);
        await server.Get<Database>().WriteAsync(session => session.Execute(
            "INSERT INTO delivery_pauses (registration_key, paused_until) VALUES (@Key, @until)", new { registration.Key, until = server.Clock.GetUtcNow().AddHours(1).ToUnixTimeMilliseconds() }));

        foreach (var (answer, pauses) in ((WebhookStatus, long)[])[(WebhookStatus.VerificationFailed, 1), (WebhookStatus.Verified, 0)])
        {
            server.Challenge.Answer = answer;
            await server.SendAsync(HttpMethod.Put, registration.Path(), server.RegistrationJson("Mine", provider, "a", Webhook));
            Assert.Equal(pauses, await server.CountAsync("delivery_pauses"));
        }
    }

    [Fact]
    public async Task Edits_of_one_registration_challenge_its_endpoint_one_after_the_other_and_too_many_are_refused()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        var registration = await RegisterAsync(server, provider, Webhook);
        server.Challenge.Probes.Clear();
        var answered = new TaskCompletionSource();
        server.Challenge.Until = answered.Task;

        var edits = Enumerable.Range(0, EditTurns.PerRegistrationMax + 2)
            .Select(i => server.SendAsync(HttpMethod.Put, registration.Path(), server.RegistrationJson($"Name {i}", provider, "a", Webhook))).ToList();
        await DeliveryEngine.UntilAsync(() => Task.FromResult(edits.Count(e => e.IsCompleted) == 2 && server.Challenge.Probes.Count > 0));
        Assert.Single(server.Challenge.Probes);
        answered.SetResult();

        var results = (await Task.WhenAll(edits)).ToLookup(e => e.Status);
        Assert.Equal(EditTurns.PerRegistrationMax, results[HttpStatusCode.OK].Count());
        Assert.All(results[HttpStatusCode.TooManyRequests], refused =>
        {
            Assert.NotNull(refused.Response.Headers.RetryAfter);
            Assert.Contains($"{EditTurns.PerRegistrationMax} edits under way", refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        });
        Assert.Equal(2, results[HttpStatusCode.TooManyRequests].Count());
        Assert.Equal(EditTurns.PerRegistrationMax, server.Challenge.Probes.Count);
    }

    [Fact]
    public async Task A_host_and_port_is_challenged_so_often_in_ten_seconds_and_no_more()
    {
        await using var server = await EventsServer.StartAsync(options: new EventsOptions { ChallengesPerTargetMax = 3 });
        var provider = await server.CreateProviderAsync("a");
        var registration = await RegisterAsync(server, provider, Webhook);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(HttpStatusCode.OK, (await EditAsync("https://EXAMPLE.com./other")).Status);
        }

        var refused = await EditAsync("https://example.com/other");
        Assert.Equal(HttpStatusCode.TooManyRequests, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Response.Headers.RetryAfter?.Delta);
        Assert.Contains("Events:ChallengesPerTargetMax", refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.TooManyRequests, (await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations", server.RegistrationJson("Another", provider, "a", Webhook))).Status);
        Assert.Equal(3, server.Challenge.Probes.Count);
        Assert.Equal(1, await server.CountAsync("registrations"));

        Assert.Equal(HttpStatusCode.OK, (await EditAsync("https://example.com:8443/hook")).Status);
        server.Clock.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HttpStatusCode.OK, (await EditAsync("https://example.com/hook")).Status);

        Task<(HttpStatusCode Status, JsonElement Body, HttpResponseMessage Response)> EditAsync(string url) => server.SendAsync(
            HttpMethod.Put, registration.Path(), server.RegistrationJson("Mine", provider, "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{url}\""));
    }

    [Fact]
    public async Task Each_state_of_a_registration_has_a_time_of_its_own()
    {
        await using var server = await EventsServer.StartAsync();
        var states = new ConcurrentQueue<Registration>();
        server.Get<IRegistrationDirectory>().Changed += states.Enqueue;
        var provider = await server.CreateProviderAsync("a", "b");
        server.Challenge.Answer = WebhookStatus.VerificationFailed;
        var created = await server.RegisterAsync("Mine", provider, "a", Action);
        var path = $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}";

        server.Challenge.Answer = WebhookStatus.Verified;
        await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Mine", provider, "a", Action));
        await server.SendAsync(HttpMethod.Put, path, server.RegistrationJson("Mine", provider, "b", Action));

        Assert.Equal(WebhookStatus.Verified, states.Last().Status);
        Assert.All(states.GroupBy(r => r.UpdatedAt), same => Assert.Single(same.Distinct()));
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_deleted_registration_is_forgotten_when_nothing_of_it_is_left(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        var created = await server.RegisterAsync("Mine", provider, "a", Action);
        await server.RegisterAsync("Stays", provider, "a");
        await server.PublishAsync(provider, "a");
        await server.SendAsync(HttpMethod.Delete, $"{server.Workspace}/registrations/{created.GetProperty("registration_id").GetString()}");
        var retention = server.Get<IEnumerable<Microsoft.Extensions.Hosting.IHostedService>>().OfType<JournalRetention>().Single();

        // The journal has not expired, then its delivery is owed still, then nothing is left.
        Assert.Equal(0, await retention.PurgeRegistrationsAsync(default));
        server.Clock.Advance(TimeSpan.FromDays(7));
        await retention.DeleteExpiredAsync(default);
        await retention.PurgeRegistrationsAsync(default);
        Assert.Equal(2, await server.CountAsync("registrations"));
        await server.Get<Database>().WriteAsync(session => session.Execute("DELETE FROM deliveries"));

        // Its handler goes with the next pass.
        server.Clock.Advance(TimeSpan.FromMinutes(1));
        await DeliveryEngine.UntilAsync(async () =>
            await retention.PurgeRegistrationsAsync(default) == 1 || await server.CountAsync("registrations") == 1);

        Assert.Equal(1, await server.CountAsync("registrations"));
        Assert.Equal(1, await server.CountAsync("interests"));
        Assert.Equal(0, await server.CountAsync("journal_expiry WHERE registration_key = 1"));
        Assert.Single((await server.SendAsync(HttpMethod.Get, server.Workspace + "/registrations")).Body.GetProperty("_embedded").GetProperty("registrations").EnumerateArray());
    }

    [Theory]
    [InlineData("M", "a", "/hook"), InlineData("Mine", "unknown", "/hook"), InlineData("Mine", "a", "/hook#part")]
    public async Task A_name_is_looked_up_only_when_all_else_is_right(string name, string eventCode, string path)
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        async Task<System.Net.HttpStatusCode> RegisterAsync(string name, string code, string path) => (await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            server.RegistrationJson(name, provider, code, $"\"delivery_type\":\"webhook\",\"webhook_url\":\"https://slow.example{path}\""))).Status;

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, await RegisterAsync(name, eventCode, path));
        Assert.Empty(server.Names.Asked);
        Assert.Equal(System.Net.HttpStatusCode.Created, await RegisterAsync("Mine", "a", "/hook"));
        Assert.Equal("slow.example", Assert.Single(server.Names.Asked));
    }

    [Fact]
    public async Task A_registration_whose_name_finds_no_place_to_be_looked_up_is_told_to_come_again()
    {
        await using var server = await EventsServer.StartAsync();
        var provider = await server.CreateProviderAsync("a");
        server.Names.IsFull = true;

        var refused = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            server.RegistrationJson("Mine", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://public.example/hook\""));

        Assert.Equal(System.Net.HttpStatusCode.ServiceUnavailable, refused.Status);
        Assert.Equal(TimeSpan.FromSeconds(10), refused.Response.Headers.RetryAfter?.Delta);
        Assert.Contains("busy with the names of other registrations", refused.Body.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync("registrations"));
    }

    [Theory]
    [InlineData("https://inner.example/hook", "inner.example"), InlineData("https://169.254.169.254/latest/meta-data", "169.254.169.254")]
    [InlineData("https://0x7f.1/", "127.0.0.1"), InlineData("https://[::ffff:10.0.0.1]/", "10.0.0.1"), InlineData("http://public.example/", "must use https")]
    public async Task A_webhook_where_only_the_server_reaches_is_refused_when_it_is_registered(string url, string told)
    {
        await using var server = await EventsServer.StartAsync();
        server.Names.Addresses["inner.example"] = [System.Net.IPAddress.Parse("10.0.0.1")];
        var provider = await server.CreateProviderAsync("a");

        var refused = await server.SendAsync(
            HttpMethod.Post, server.Workspace + "/registrations",
            server.RegistrationJson("Mine", provider, "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{url}\""));

        Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.Status);
        Assert.Contains(told, refused.Body.GetRawText(), StringComparison.Ordinal);
        Assert.Empty(server.Challenge.Probes);
    }

    private static async Task<Registration> RegisterAsync(EventsServer server, string provider, string more)
    {
        var created = await server.RegisterAsync("Mine", provider, "a", more);
        return (await server.Get<RegistrationDirectory>().FindAsync(new RegistrationId(created.GetProperty("registration_id").GetGuid()), default))!;
    }
}
