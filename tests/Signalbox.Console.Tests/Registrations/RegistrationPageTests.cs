using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Registrations;

/// <summary>The page of one registration, with real deliveries to a webhook that answers as it is told.</summary>
public sealed class RegistrationPageTests(RunningConsole console)
{
    [Fact]
    public async Task Each_request_is_traced_and_is_found_by_its_status_opened_and_followed_live()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterWebhookAsync(hook);
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.BadRequest);
        var refused = await type.PublishAsync(new JsonObject { ["colour"] = "red" }, "refused");
        await registration.FindTraceAsync(refused);
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.OK);
        await registration.FindTraceAsync(await type.PublishAsync(new JsonObject { ["colour"] = "blue" }, "taken"));

        await using var page = await OpenAsync(registration, "/tracing");
        var rows = page.Page.GetByRole(AriaRole.Table).Locator("tbody tr");
        await Expect(rows).ToHaveCountAsync(3);
        await Expect(rows.Nth(0)).ToContainTextAsync("200");
        await Expect(rows.Nth(1)).ToContainTextAsync("Error400");
        await Expect(rows.Nth(2)).ToContainTextAsync("Challenge Probe");
        await Expect(rows.Nth(2)).ToContainTextAsync("Adobe IO Events");
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "has errors, Debug Tracing" })).ToBeVisibleAsync();

        await type.PublishAsync(id: "later");
        await Expect(rows).ToHaveCountAsync(4);

        await page.Page.GetByLabel("Status").SelectOptionAsync("Error");
        await Expect(rows).ToHaveCountAsync(1);
        Assert.Contains("status=Error", page.Page.Url, StringComparison.Ordinal);
        await rows.Nth(0).GetByRole(AriaRole.Button).ClickAsync();
        await Expect(page.Page.GetByText("REQUEST COMPLETED IN:")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Response", Exact = true })).ToHaveAttributeAsync("aria-pressed", "true");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Request", Exact = true }).ClickAsync();
        await Expect(page.Page.Locator(".sb-headers dt").Nth(0)).ToHaveTextAsync("Request URL");
        await Expect(page.Page.Locator(".sb-headers dt").Nth(1)).ToHaveTextAsync("Request method");
        await Expect(page.Page.Locator(".sb-headers dt").Nth(2)).ToHaveTextAsync("Content-type");
        await Expect(page.Page.GetByLabel("Request body", new() { Exact = true })).ToContainTextAsync("\"colour\": \"red\"");
        Assert.StartsWith(
            "curl -i -X POST '" + hook.Url, await page.Page.GetByRole(AriaRole.Button, new() { Name = "Copy as curl" }).GetAttributeAsync("data-copy"), StringComparison.Ordinal);
        var link = await page.Page.GetByRole(AriaRole.Button, new() { Name = "Copy link" }).GetAttributeAsync("data-copy");
        await page.CheckAsync();

        foreach (var look in Look.All)
        {
            await using var shown = await console.OpenAsync(link!, look);
            await Expect(shown.Page.GetByText("REQUEST COMPLETED IN:")).ToBeVisibleAsync();
            await shown.CheckAsync();
            await shown.ScreenshotAsync("tracing-open");
            await shown.GoToAsync(link!.Split('?')[0]);
            await shown.CheckAsync();
            await shown.ScreenshotAsync("tracing");
        }
    }

    [Fact]
    public async Task Samples_are_seen_and_sent_and_the_registration_is_switched_off_and_on()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await GiveSampleAsync(type, """{"colour":"green"}""");
        await using var registration = await type.RegisterWebhookAsync(hook);
        await using var page = await OpenAsync(registration, "");
        await Expect(page.Page.GetByText(hook.Url.AbsoluteUri, new() { Exact = true })).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "View sample: Order placed" }).ClickAsync();
        await Expect(page.Page.GetByLabel("Sample event", new() { Exact = true })).ToContainTextAsync("\"colour\": \"green\"");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Send sample event: Order placed" }).ClickAsync();
        await Expect(page.Page.GetByText("The sample was posted to the registration and to no other.")).ToBeVisibleAsync();
        await hook.FindAsync("the sample", d => Encoding.UTF8.GetString(d.Body).Contains("green", StringComparison.Ordinal));

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Expect(page.Page.GetByText("This registration is switched off.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("Switched off", new() { Exact = true })).ToBeVisibleAsync();
        foreach (var look in Look.All)
        {
            await using var shown = await OpenAsync(registration, "", look);
            await shown.CheckAsync();
            await shown.ScreenshotAsync("registration");
        }

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Enable" }).ClickAsync();
        await Expect(page.Page.GetByText("This registration is switched off.")).ToBeHiddenAsync();

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        var delete = page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete registration" });
        await Expect(delete).ToBeDisabledAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("registration-delete");
        await page.Page.GetByLabel("to confirm").FillAsync(registration.Name);
        await Expect(delete).ToBeEnabledAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(delete).ToBeHiddenAsync();
    }

    [Fact]
    public async Task A_webhook_that_fails_its_challenge_is_explained_and_deleted_by_its_name()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        var created = (await console.Client.EventsAsync(HttpMethod.Post, $"{console.Client.Console.WorkspacePath}/registrations", new JsonObject
        {
            ["name"] = "Points nowhere",
            ["client_id"] = console.Client.Console.ClientId,
            ["delivery_type"] = "webhook",
            ["webhook_url"] = "http://127.0.0.1:9/hook",
            ["events_of_interest"] = new JsonArray(new JsonObject { ["provider_id"] = type.ProviderId, ["event_code"] = type.EventCode }),
        })).Expect(HttpStatusCode.Created);
        var registration = new EndToEnd.Tests.Registration(console.Client, created.Json);

        await using var page = await OpenAsync(registration, "");
        await Expect(page.Page.GetByText("Webhook has been disabled because either webhook is unreachable or verification has failed.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("What the challenge met.")).ToBeVisibleAsync();
        await Expect(page.Page.GetByText("The GET got no answer (602: Connection refused), not 200 with the challenge.")).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("registration-failed");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Retry webhook" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Retry webhook" })).ToBeEnabledAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete", Exact = true }).ClickAsync();
        await page.Page.GetByLabel("to confirm").FillAsync(registration.Name);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete registration" }).ClickAsync();
        await Assertions.Expect(page.Page).ToHaveURLAsync(console.WorkspaceUrl("registrations"));
        (await console.Client.EventsAsync(HttpMethod.Get, registration.Path)).Expect(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_filter_is_written_with_its_faults_marked_tested_on_samples_and_applied()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await GiveSampleAsync(type, """{"colour":"red"}""");
        await using var registration = await type.RegisterJournalAsync();
        await using var page = await OpenAsync(registration, "/filtering");
        var editor = page.Page.GetByRole(AriaRole.Textbox, new() { Name = "Filter", Exact = true });
        await editor.FillAsync("{\"data\": {\"colour\": [{\"prefix\": 7}]}}");
        await Expect(page.Page.GetByText("prefix match pattern must be a string")).ToBeVisibleAsync();
        await Expect(page.Page.GetByRole(AriaRole.Button, new() { Name = "Apply filter" })).ToBeDisabledAsync();
        await page.ScreenshotAsync("filtering-fault");
        await editor.FillAsync("{\"data\": {\"colour\": [\"red\"]}}");
        await Expect(page.Page.GetByText("Valid filter")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Test filter" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Region, new() { Name = "What the filter does" })).ToContainTextAsync("Order placed");
        await page.Page.GetByLabel("Add a pattern").SelectOptionAsync("Numeric");
        await Expect(editor).ToContainTextAsync("numeric");
        await editor.FillAsync("{\"data\": {\"colour\": [\"red\"]}}");
        await Expect(page.Page.GetByText("Valid filter")).ToBeVisibleAsync();
        await page.Page.GetByLabel("Name").FillAsync("Only red");
        await Expect(page.Page.GetByText("72 left")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Apply filter" }).ClickAsync();
        await Expect(page.Page.GetByText("Event filter successfully applied; it may take up to two minutes for filter to start working")).ToBeVisibleAsync();
        var filters = (await console.Client.EventsAsync(HttpMethod.Get, registration.Path + "/filters")).Expect(HttpStatusCode.OK).Json.AsArray();
        Assert.Equal("Only red", filters[0]!["name"]!.GetValue<string>());

        foreach (var look in Look.All)
        {
            await using var shown = await OpenAsync(registration, "/filtering", look);
            await Expect(shown.Page.GetByRole(AriaRole.Textbox, new() { Name = "Filter", Exact = true })).ToBeVisibleAsync();
            await shown.Page.GetByRole(AriaRole.Button, new() { Name = "Test filter" }).ClickAsync();
            await Expect(shown.Page.GetByRole(AriaRole.Region, new() { Name = "What the filter does" })).ToBeVisibleAsync();
            await shown.CheckAsync();
            await shown.ScreenshotAsync("filtering");
        }

        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete filter" }).First.ClickAsync();
        await page.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete filter" }).ClickAsync();
        await Expect(page.Page.GetByText("This registration gets all of its events.")).ToBeVisibleAsync();
    }

    [Fact]
    public async Task The_journal_is_browsed_and_leads_to_the_story_of_an_event()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var page = await OpenAsync(registration, "/journal");
        await Expect(page.Page.GetByText("No events yet")).ToBeVisibleAsync();
        await page.CheckAsync();
        for (var i = 0; i < 21; i++)
        {
            await type.PublishAsync(new JsonObject { ["number"] = i });
        }

        var events = page.Page.GetByRole(AriaRole.List, new() { Name = "Events, newest first" }).Locator("> li");
        await Expect(events).ToHaveCountAsync(20);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Older" }).ClickAsync();
        await Expect(events).ToHaveCountAsync(1);
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "From the beginning" }).ClickAsync();
        await Expect(events).ToHaveCountAsync(20);
        await Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Newer" })).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Latest" }).ClickAsync();
        await Expect(events.First).ToContainTextAsync("\"number\": 20");
        await events.First.Locator("summary").ClickAsync();
        await Expect(events.First.GetByLabel("Event", new() { Exact = true })).ToBeVisibleAsync();
        await page.CheckAsync();
        foreach (var look in Look.All)
        {
            await using var shown = await OpenAsync(registration, "/journal", look);
            await shown.Page.Locator(".sb-events summary").First.ClickAsync();
            await shown.CheckAsync();
            await shown.ScreenshotAsync("journal");
        }

        await events.First.GetByRole(AriaRole.Link, new() { Name = "Story of this event" }).ClickAsync();
        await Expect(page.Page.GetByRole(AriaRole.Region, new() { Name = $"Delivery to {registration.Name}" })).ToContainTextAsync("Journaled");
    }

    [Fact]
    public async Task What_failed_is_found_among_the_dead_letters_redriven_and_replayed_and_told_as_a_story()
    {
        await using var hook = await WebhookListener.StartAsync();
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterWebhookAsync(hook);
        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.BadRequest);
        await type.PublishAsync(id: "one");
        await type.PublishAsync(id: $"two {type.ProviderId}");
        await Eventually.HoldsAsync("two attempts", () => hook.Deliveries.Count == 2);

        await using var page = await OpenAsync(registration, "/replay");
        var letters = page.Page.GetByRole(AriaRole.Region, new() { Name = "Dead letters" }).GetByRole(AriaRole.Table).Locator("tbody tr");
        await Expect(letters).ToHaveCountAsync(2);
        await Expect(letters.First).ToContainTextAsync("Endpoint refused");
        foreach (var look in Look.All)
        {
            await using var shown = await OpenAsync(registration, "/replay?reason=EndpointRejected", look);
            await shown.CheckAsync();
            await shown.ScreenshotAsync("replay");
        }

        hook.Respond = (_, _) => Task.FromResult(HttpStatusCode.OK);
        await letters.First.GetByRole(AriaRole.Button, new() { Name = "Redrive" }).ClickAsync();
        await Expect(letters).ToHaveCountAsync(1);
        await Eventually.HoldsAsync("a third attempt", () => hook.Deliveries.Count == 3);
        await page.Page.GetByLabel("A range of time").CheckAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Start replay" }).ClickAsync();
        var replays = page.Page.GetByRole(AriaRole.Region, new() { Name = "Replays" });
        await Expect(replays).ToContainTextAsync("Done", new() { Timeout = 20_000 });
        await Expect(replays).ToContainTextAsync("2 delivered");
        await page.CheckAsync();

        var eventId = hook.Deliveries.Last().Headers["x-adobe-event-id"];
        foreach (var look in Look.All)
        {
            await using var story = await console.OpenAsync(console.WorkspaceUrl($"events/{eventId}"), look);
            await Expect(story.Page.GetByRole(AriaRole.Region, new() { Name = $"Delivery to {registration.Name}" })).ToContainTextAsync("Delivered");
            await story.CheckAsync();
            await story.ScreenshotAsync("story");
        }

        // Its publisher knows the other id only.
        await page.Page.Keyboard.PressAsync("/");
        await page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Go to" }).GetByRole(AriaRole.Combobox).FillAsync($"two {type.ProviderId}");
        await Expect(page.Page.GetByRole(AriaRole.Option, new() { Name = "Look for an event published as" })).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Expect(page.Page.GetByRole(AriaRole.Region, new() { Name = "Accepted" })).ToContainTextAsync($"two {type.ProviderId}");
    }

    private static ILocatorAssertions Expect(ILocator locator) => Assertions.Expect(locator);

    private Task<ConsolePage> OpenAsync(EndToEnd.Tests.Registration registration, string tab, Look? look = null) =>
        console.OpenAsync(console.WorkspaceUrl($"registrations/{registration.Id}{tab}"), look);

    private async Task GiveSampleAsync(PublishedType type, string data) =>
        (await console.Client.EventsAsync(HttpMethod.Put, $"{console.Client.Console.WorkspacePath}/providers/{type.ProviderId}/eventmetadata/{type.EventCode}", new JsonObject
        {
            ["event_code"] = type.EventCode,
            ["label"] = "Order placed",
            ["description"] = "A customer placed an order",
            ["sample_event_template"] = Convert.ToBase64String(Encoding.UTF8.GetBytes(data)),
        })).Expect(HttpStatusCode.OK);
}
