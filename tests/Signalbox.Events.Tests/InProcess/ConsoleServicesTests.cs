using System.Net;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Challenges;
using Signalbox.Events.Ingress;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Identity;
using Signalbox.Identity.Credentials;
using Signalbox.Identity.Projects;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.InProcess;

/// <summary>What the console calls in process, against the room as the server puts it together.</summary>
public sealed class ConsoleServicesTests
{
    private static readonly CancellationToken _none = CancellationToken.None;

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task A_workspace_with_a_registration_or_a_provider_is_kept_and_so_is_the_registration_s_credential(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (projects, credentials, home) = (server.Get<ProjectService>(), server.Get<CredentialService>(), server.Home.Workspace);
        var provider = await server.CreateProviderAsync("a");
        var registration = await server.RegisterAsync("Mine", provider, "a");

        Assert.Contains("registrations: 'Mine', the following event providers: 'Shop'", (await projects.DeleteAsync(home.ProjectId, _none)).Refusal!.Message, StringComparison.Ordinal);
        Assert.Contains("'Mine'", (await credentials.DeleteAsync(home.WorkspaceId, server.Home.Credential.Id, _none)).Refusal!.Message, StringComparison.Ordinal);

        await server.SendAsync(HttpMethod.Delete, $"{server.Workspace}/registrations/{registration.GetProperty("registration_id").GetString()}");
        Assert.DoesNotContain("registrations", (await projects.DeleteAsync(home.ProjectId, _none)).Refusal!.Message, StringComparison.Ordinal);
        await server.SendAsync(HttpMethod.Delete, $"{server.Workspace}/providers/{provider}");
        Assert.Null((await projects.DeleteAsync(home.ProjectId, _none)).Refusal);
        Assert.Equal(HttpStatusCode.Unauthorized, (await server.SendAsync(HttpMethod.Get, $"{server.Workspace}/registrations")).Status);
    }

    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task Providers_are_found_page_by_page_and_only_the_own_ones_may_be_changed(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var (providers, home) = (server.Get<IProviders>(), server.Home.Workspace);
        var neighbour = home with { WorkspaceId = new WorkspaceId("4711") };
        var ids = new List<string>();
        for (var i = 0; i < 5; i++)
        {
            ids.Add((await providers.CreateAsync(i == 4 ? neighbour : home, new CreateProviderBody { Label = $"Shop {i}" }, _none)).Value!.Id);
            server.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        await providers.CreateEventAsync(home, ids[1], new EventMetadataBody { EventCode = "a", Label = "A", Description = "A" }, _none);
        async Task<ProviderListing> ListAsync(ProviderSearch search) => await providers.ListAsync(home, search, _none);

        var first = await ListAsync(new ProviderSearch { Limit = 2 });
        Assert.Equal([ids[4], ids[3]], first.Items.Select(p => p.Id));
        Assert.Equal((false, true), (first.HasNewer, first.HasOlder));
        var second = await ListAsync(new ProviderSearch { Limit = 2, OlderThan = ProviderKey.Parse(ProviderKey.Of(first.Items[1]).ToString()) });
        Assert.Equal([ids[2], ids[1]], second.Items.Select(p => p.Id));
        var back = await ListAsync(new ProviderSearch { Limit = 2, NewerThan = ProviderKey.Of(second.Items[0]) });
        Assert.Equal([ids[4], ids[3]], back.Items.Select(p => p.Id));
        Assert.Equal([ids[1]], (await ListAsync(new ProviderSearch { OnlyWithEvents = true })).Items.Select(p => p.Id));
        Assert.Equal(4, (await ListAsync(new ProviderSearch { OnlyOwn = true })).Items.Count);
        Assert.Equal([ids[2]], (await ListAsync(new ProviderSearch { Text = "shop 2" })).Items.Select(p => p.Id));
        Assert.Empty((await ListAsync(new ProviderSearch { Group = "Experience Cloud" })).Items);

        async Task<Provider> SeeAsync(string id) => (await providers.FindAsync(home, id, _none)).Value!;
        Assert.Equal(StatusCodes.Status403Forbidden, (await providers.UpdateAsync(home, await SeeAsync(ids[4]), new UpdateProviderBody { Label = "Mine now" }, _none)).Refusal!.Status);
        Assert.Equal(StatusCodes.Status403Forbidden, (await providers.DeleteEventAsync(home, ids[4], "a", _none)).Refusal!.Status);
        var seen = await SeeAsync(ids[0]);
        Assert.Equal("Renamed", (await providers.UpdateAsync(home, seen, new UpdateProviderBody { Label = "Renamed" }, _none)).Value!.Label);
        Assert.Equal(StatusCodes.Status412PreconditionFailed, (await providers.UpdateAsync(home, seen, new UpdateProviderBody { Label = "Overwritten" }, _none)).Refusal!.Status);
        var seenEvent = (await SeeAsync(ids[1])).Events[0];
        var changed = new EventMetadataBody { EventCode = "a", Label = "A, changed", Description = "A" };
        Assert.Null((await providers.UpdateEventAsync(home, ids[1], seenEvent, changed, _none)).Refusal);
        Assert.Equal(StatusCodes.Status412PreconditionFailed, (await providers.UpdateEventAsync(home, ids[1], seenEvent, changed with { Label = "Overwritten" }, _none)).Refusal!.Status);
        Assert.Null((await providers.DeleteAsync(home, ids[0], _none)).Refusal);
        Assert.Equal(StatusCodes.Status404NotFound, (await providers.FindAsync(home, ids[0], _none)).Refusal!.Status);
    }

    [Fact]
    public async Task A_test_event_tells_who_gets_it_and_has_a_story()
    {
        await using var server = await EventsServer.StartAsync();
        var (publisher, home) = (server.Get<IEventPublisher>(), server.Home.Workspace);
        var provider = await server.CreateProviderAsync("a");
        string Event(string source, string data = "{}") => $$"""{"specversion":"1.0","id":"7","source":"{{source}}","type":"a","data":{{data}}}""";

        Assert.Equal(new PublishReceipt(null, 0, 0), (await publisher.PublishAsync(home, Event("urn:uuid:" + provider), _none)).Value);

        await server.RegisterAsync("Mine", provider, "a", """
            "delivery_type":"webhook","webhook_url":"https://hook.example/","subscriber_filters":[{"name":"small","subscriber_filter":"{\"data\":{\"n\":[1]}}"}]
            """);
        Assert.Equal(new PublishReceipt(null, 1, 0), (await publisher.PublishAsync(home, Event("urn:uuid:" + provider), _none)).Value);
        var receipt = (await publisher.PublishAsync(home, Event("urn:uuid:" + provider, """{"n":1}"""), _none)).Value!;
        Assert.Equal((1, 1), (receipt.Interested, receipt.Recipients));

        var story = await server.Get<IEventStories>().FindAsync(receipt.EventId!.Value, home.OrganizationId, _none);
        Assert.Equal(("7", "Mine"), (story!.Id, story.Deliveries.Single().Name));
        Assert.Null(await server.Get<IEventStories>().FindAsync(receipt.EventId.Value, new OrganizationId("1"), _none));

        Assert.Equal(StatusCodes.Status404NotFound, (await publisher.PublishAsync(home, Event("urn:uuid:" + Guid.NewGuid()), _none)).Refusal!.Status);
        Assert.NotNull((await publisher.PublishAsync(home, "{", _none)).Refusal);
        var stranger = (await server.CreateStrangerAsync()).Workspace;
        Assert.Equal(StatusCodes.Status403Forbidden, (await publisher.PublishAsync(stranger, Event("urn:uuid:" + provider), _none)).Refusal!.Status);
    }

    [Fact]
    public async Task A_failed_challenge_is_told_with_what_was_sent_and_what_came_back()
    {
        await using var hook = await WebhookListener.StartAsync();
        await using var server = await EventsServer.StartDeliveringAsync();
        hook.AnswerTo = (context, _) =>
        {
            context.Response.StatusCode = 404;
            return Task.CompletedTask;
        };
        var created = await server.RegisterAsync("Mine", await server.CreateProviderAsync("a"), "a", $"\"delivery_type\":\"webhook\",\"webhook_url\":\"{hook.Url}\"");
        var registration = (await server.Get<IRegistrations>().FindAsync(created.GetProperty("registration_id").GetString()!, server.Home.Workspace, _none)).Value!;

        var report = (await server.Get<IChallengeReports>().FindAsync(registration, _none))!;

        Assert.Equal([("GET", 404), ("POST", 404)], report.Probes.Select(p => (p.Method, p.Code)));
        Assert.Contains("challenge=XXXX", report.Probes[0].Url, StringComparison.Ordinal);
        Assert.Contains("validationUrl", report.Probes[1].RequestBody, StringComparison.Ordinal);
        Assert.StartsWith("Nothing stands at this path: the webhook answered 404.", report.Advice, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(200, "text/html", "a web page (text/html)")]
    [InlineData(200, "application/json; charset=utf-8", "its member \"challenge\" is missing")]
    [InlineData(200, "text/plain", "the text is not the challenge")]
    [InlineData(302, "", "Redirects are not followed")]
    [InlineData(401, "", "Challenges carry no credentials")]
    [InlineData(405, "", "takes no GET")]
    [InlineData(500, "", "broke with 500")]
    [InlineData(202, "", "only 200 counts")]
    [InlineData(602, "", "could not be reached")]
    [InlineData(604, "", "did not answer in time")]
    [InlineData(611, "", "TLS handshake failed")]
    public void Each_way_to_fail_a_challenge_has_an_advice_of_its_own(int code, string contentType, string advice) =>
        Assert.Contains(advice, ChallengeAdvice.For([Probe("GET", code, contentType), Probe("POST", 500, "")], WebhookStatus.VerificationFailed), StringComparison.Ordinal);

    [Fact]
    public void A_posted_validation_url_that_was_taken_is_waited_for_until_it_expires()
    {
        ChallengeProbe[] probes = [Probe("GET", 404, ""), Probe("POST", 200, "")];

        Assert.Contains("Open that URL within 5 minutes", ChallengeAdvice.For(probes, WebhookStatus.Accepted), StringComparison.Ordinal);

        var expired = ChallengeAdvice.For(probes, WebhookStatus.VerificationFailed);
        Assert.Contains("it has expired. \"Retry webhook\" asks again", expired, StringComparison.Ordinal);
        Assert.DoesNotContain("Open that URL", expired, StringComparison.Ordinal);
    }

    private static ChallengeProbe Probe(string method, int code, string contentType) => new()
    {
        At = DateTimeOffset.UnixEpoch,
        Method = method,
        Url = "https://hook.example/",
        RequestBody = "",
        RequestHeaders = [],
        Code = code,
        ResponseBody = "",
        ResponseHeaders = contentType.Length > 0 ? [new("content-type", contentType)] : [],
        Duration = TimeSpan.Zero,
    };
}
