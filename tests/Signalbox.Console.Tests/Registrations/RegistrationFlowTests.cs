using System.Globalization;
using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Registrations;

/// <summary>What people do with a registration over some time, each as one long way.</summary>
public sealed class RegistrationFlowTests(RunningConsole console)
{
    [Fact]
    public async Task A_registration_that_waits_or_whose_endpoint_fails_says_so_on_top_of_every_tab()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);

        // The endpoint answers, but not its challenge: the validation URL waits to be opened.
        hook.AnswersChallenge = false;
        await using var pending = await CreateAsync(type, "Waits for its owner", new JsonObject { ["delivery_type"] = "webhook", ["webhook_url"] = hook.Url.AbsoluteUri });
        await using var page = await OpenAsync(pending, "");
        await Expect(page.Page.GetByText("A manual verification was sent and will expire in 5 minutes.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("Last challenge waits to be opened")).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("registration-pending");
        hook.AnswersChallenge = true;
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Retry webhook" }).ClickAsync();
        await Expect(page.Page.GetByText("Last challenge answered")).ToBeVisibleAsync();

        // Amazon EventBridge: nothing flows before the account's owner has associated the source.
        await using var bridge = await CreateAsync(type, "Waits for Amazon", new JsonObject
        {
            ["delivery_type"] = "aws_eventbridge",
            ["destination_metadata"] = new JsonObject { ["aws_account_id"] = "123456789012", ["aws_region"] = "us-east-1" },
        });
        await page.GoToAsync(Url(bridge, ""));
        await Expect(page.Page.GetByText("Your integration will expire in 7 days from the time of creation.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText(RunningConsole.SourcePrefix + bridge.Id, new() { Exact = true })).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("registration-eventbridge");

        // Ten refusals are enough to call an endpoint unstable.
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.BadRequest);
        for (var i = 0; i < 10; i++)
        {
            await type.PublishAsync();
        }

        await page.GoToAsync(Url(pending, "/journal"));
        await Eventually.HoldsAsync("an unstable registration", async () =>
            (await console.Client.EventsAsync(HttpMethod.Get, pending.Path)).Expect(HttpStatusCode.OK).Json["webhook_status"]!.GetValue<string>() == "unstable", TimeSpan.FromSeconds(90));
        await page.GoToAsync(Url(pending, "/journal"));
        await Expect(page.Page.GetByText("Webhook is unstable, but we're continuing to try to reach it.")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Status).GetByRole(AriaRole.Link, new() { Name = "Debug Tracing" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Table).Locator("tbody tr").First).ToContainTextAsync("400");
        await page.CheckAsync();
        await page.ScreenshotAsync("registration-unstable");
    }

    [Fact]
    public async Task Two_people_who_edit_the_same_registration_do_not_overwrite_each_other()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterWebhookAsync(hook);
        await using var page = await OpenAsync(registration, "");
        await using var editor = await OpenAsync(registration, "/edit?step=details");
        await RenameAsync(registration, type, hook, "Theirs");

        await editor.Page.GetByLabel("Name").FillAsync("Mine");
        await editor.Page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await editor.Page.GetByRole(AriaRole.Button, new() { Name = "Save configured events" }).ClickAsync();
        await Expect(editor.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else changed it");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else changed it");
        var now = (await console.Client.EventsAsync(HttpMethod.Get, registration.Path)).Expect(HttpStatusCode.OK).Json;
        Assert.Equal(("Theirs", true), (now["name"]!.GetValue<string>(), now["enabled"]!.GetValue<bool>()));

        // Loaded anew, the edit is theirs to build on.
        await page.Page.ReloadAsync();
        await page.WaitUntilInteractiveAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.Page.GetByText("This registration is switched off.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task What_failed_is_replayed_in_each_way_redriven_and_purged_and_a_replay_is_cancelled()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterWebhookAsync(hook);
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.BadRequest);
        for (var i = 0; i < 3; i++)
        {
            await type.PublishAsync();
        }

        await Eventually.HoldsAsync("three attempts", () => hook.Deliveries.Count == 3);
        await using var page = await OpenAsync(registration, "/journal");
        var replays = page.Page.GetByRole(AriaRole.Region, new() { Name = "Replays" });
        var first = replays.Locator("li").First;
        var letters = page.Page.GetByRole(AriaRole.Region, new() { Name = "Dead letters" }).GetByRole(AriaRole.Table).Locator("tbody tr");

        // One event, chosen in the journal.
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.OK);
        await page.Page.Locator(".sb-events summary").First.ClickAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Replay it" }).ClickAsync();
        await Expect(page.Page.GetByLabel("One event")).ToBeCheckedAsync();
        await page.Page.GetByLabel("Event id").FillAsync("no event");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start replay" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        await page.Page.GetByLabel("Event id").FillAsync(hook.Deliveries.Last().Headers["x-adobe-event-id"]);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start replay" }).ClickAsync();
        await Expect(first).ToContainTextAsync("one event");
        await Expect(first).ToContainTextAsync("1 delivered");

        // What failed since yesterday, which is the time that is filled in.
        await page.Page.GetByLabel("What failed since").CheckAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start replay" }).ClickAsync();
        await Expect(first).ToContainTextAsync("what failed");
        await Expect(first).ToContainTextAsync("Done");

        // A replay that the endpoint holds up, cancelled: what it owed is not lost.
        var hold = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        hook.Respond = async (_, stopped) =>
        {
            await hold.Task.WaitAsync(stopped);
            return HttpStatusCode.BadRequest;
        };
        await page.Page.GetByLabel("A range of time").CheckAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start replay" }).ClickAsync();
        await Expect(first).ToContainTextAsync("a range of time");
        await Expect(first).ToContainTextAsync("Running");
        await Eventually.HoldsAsync("all three held up", () => hook.Deliveries.Count == 9);
        await first.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(first).ToContainTextAsync("Cancelled");
        hold.SetResult();
        await Expect(letters.Filter(new() { HasText = "Replay cancelled" })).ToHaveCountAsync(3);
        await Expect(first).ToContainTextAsync("0 delivered, 3 failed, 0 under way");
        await page.CheckAsync();
        await page.ScreenshotAsync("replay-cancelled");

        // Redrive all delivers; what fails again is purged.
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.OK);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Redrive all" }).ClickAsync();
        await Expect(page.Page.GetByText("No dead letters")).ToBeVisibleAsync();
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.BadRequest);
        await type.PublishAsync();
        await type.PublishAsync();
        await Expect(letters).ToHaveCountAsync(2);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Purge all" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Purge" }).ClickAsync();
        await Expect(page.Page.GetByText("2 purged.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("No dead letters")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task An_event_of_ones_own_is_tried_on_a_filter_and_the_journal_is_entered_at_a_time_and_a_position()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var page = await OpenAsync(registration, "/filtering");
        await page.Page.GetByRole(AriaRole.Textbox, new() { Name = "Filter", Exact = true }).FillAsync("""{"data": {"price": [{"numeric": [">", 10]}]}}""");
        await Expect(page.Page.GetByText("Valid filter")).ToBeVisibleAsync();
        var custom = page.Page.GetByRole(AriaRole.Textbox, new() { Name = "Custom sample event" });
        var verdict = page.Page.GetByRole(AriaRole.Region, new() { Name = "What the filter does" });
        await custom.FillAsync("""{"data": {"price": 11}}""");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Test filter" }).ClickAsync();
        await Expect(verdict.GetByText("Matched", new() { Exact = true }).And(page.Page.Locator(".sb-status"))).ToBeVisibleAsync();
        await custom.FillAsync("""{"data": {"price": 9}}""");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Test filter" }).ClickAsync();
        await Expect(verdict.Locator(".sb-status", new() { HasText = "Not matched" })).ToBeVisibleAsync();
        await custom.FillAsync("no json");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Test filter" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("no JSON");
        await page.CheckAsync();

        await type.PublishAsync(new JsonObject { ["number"] = 1 });
        await type.PublishAsync(new JsonObject { ["number"] = 2 });
        await page.GoToAsync(Url(registration, "/journal"));
        var events = page.Page.GetByRole(AriaRole.List, new() { Name = "Events, newest first" }).Locator("> li");
        await Expect(events).ToHaveCountAsync(2);
        await events.Last.Locator("summary").ClickAsync();
        var position = (await events.Last.GetByLabel("Copy the position").GetAttributeAsync("data-copy"))!;

        var time = page.Page.GetByLabel("From (UTC)");
        await time.FillAsync(DateTime.UtcNow.AddHours(1).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        await time.BlurAsync();
        await Expect(page.Page.GetByText("The journal ends before this place.")).ToBeVisibleAsync();
        await time.FillAsync(DateTime.UtcNow.AddHours(-1).ToString("yyyy-MM-ddTHH:mm:ss", CultureInfo.InvariantCulture));
        await time.BlurAsync();
        await Expect(events).ToHaveCountAsync(2);
        Assert.Contains("from=", page.Page.Url, StringComparison.Ordinal);
        await page.Page.GetByLabel("After position").FillAsync(position);
        await page.Page.GetByLabel("After position").BlurAsync();
        await Expect(events).ToHaveCountAsync(1);
        await events.First.Locator("summary").ClickAsync();
        await Expect(events.First.GetByLabel("Event", new() { Exact = true })).ToContainTextAsync("\"number\": 2");
    }

    [Fact]
    public async Task A_trace_shows_what_its_action_printed_and_leads_to_the_activation()
    {
        await console.Client.PutActionAsync("flow/printing", "function main ({ event }) { console.log('got ' + event.data.colour); return { statusCode: 200 } }");
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterActionAsync("flow/printing");
        await registration.FindTraceAsync(await type.PublishAsync(new JsonObject { ["colour"] = "violet" }));
        await using var page = await OpenAsync(registration, "/tracing?status=Success");
        await page.Page.GetByRole(AriaRole.Table).Locator("tbody tr").Filter(new() { HasText = "Order placed" }).First.GetByRole(AriaRole.Button).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Show logs" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Log).Filter(new() { HasText = "got violet" })).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("tracing-logs");
        await page.Page.Locator(".sb-trace .sb-links").GetByRole(AriaRole.Link, new() { NameRegex = new("^Activation ") }).First.ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Waterfall" })).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "flow/printing" }).First).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_interactive_page_begins_with_what_its_first_rendering_read()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterWebhookAsync(hook);
        await RenameAsync(registration, type, hook, "First name");

        // The page becomes interactive only when it gets its script.
        await using var page = await console.OpenAsync("about:blank");
        var script = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await page.Page.RouteAsync("**/_framework/blazor.web*.js", async route =>
        {
            await script.Task;
            await route.ContinueAsync();
        });
        await page.Page.GotoAsync(Url(registration, ""), new PageGotoOptions { WaitUntil = WaitUntilState.Commit });
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "First name" })).ToBeVisibleAsync();
        await RenameAsync(registration, type, hook, "Second name");
        script.SetResult();
        await page.WaitUntilInteractiveAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "First name" })).ToBeVisibleAsync();
        await page.CheckAsync();

        // It is not kept for longer.
        await page.Page.GetByRole(AriaRole.Navigation, new() { Name = "Registration" }).GetByRole(AriaRole.Link, new() { Name = "Event Filtering" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Second name" })).ToBeVisibleAsync();
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private string Url(EndToEnd.Tests.Registration registration, string tab) => console.WorkspaceUrl($"registrations/{registration.Id}{tab}");

    private Task<ConsolePage> OpenAsync(EndToEnd.Tests.Registration registration, string tab) => console.OpenAsync(Url(registration, tab));

    private async Task<EndToEnd.Tests.Registration> CreateAsync(PublishedType type, string name, JsonObject target)
    {
        target["name"] = name;
        return new EndToEnd.Tests.Registration(
            console.Client,
            (await console.Client.EventsAsync(HttpMethod.Post, $"{console.Client.Console.WorkspacePath}/registrations", Fill(type, target))).Expect(HttpStatusCode.Created).Json);
    }

    private async Task RenameAsync(EndToEnd.Tests.Registration registration, PublishedType type, WebhookListener hook, string name) =>
        (await console.Client.EventsAsync(
            HttpMethod.Put,
            registration.Path,
            Fill(type, new JsonObject { ["name"] = name, ["delivery_type"] = "webhook", ["webhook_url"] = hook.Url.AbsoluteUri }))).Expect(HttpStatusCode.OK);

    private JsonObject Fill(PublishedType type, JsonObject body)
    {
        body["client_id"] = console.Client.Console.ClientId;
        body["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = type.ProviderId, ["event_code"] = type.EventCode });
        return body;
    }
}
