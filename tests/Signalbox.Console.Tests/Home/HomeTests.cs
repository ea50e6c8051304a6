using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Home;

public sealed class HomeTests(RunningConsole console)
{
    [Fact]
    public async Task The_figures_of_the_last_hour_follow_what_happens_and_trouble_is_named()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await console.Client.PutActionAsync("home/ok", "function main () { return { statusCode: 200 } }");
        await console.Client.PutActionAsync("home/broken", "function main () { throw new Error('broken') }");
        await using var working = await type.RegisterActionAsync("home/ok");
        await using var failing = await type.RegisterActionAsync("home/broken");
        await using var page = await console.OpenAsync(console.Url);
        var published = page.Page.GetByRole(AriaRole.Region, new() { Name = "Published" }).Locator(".sb-figure");
        var failures = page.Page.GetByRole(AriaRole.Region, new() { Name = "Failing" }).Locator(".sb-figure");
        var before = await NumberAsync(published);

        for (var i = 0; i < 3; i++)
        {
            await type.PublishAsync();
        }

        // The page is not touched: it follows by itself.
        await Eventually.HoldsAsync("three more published", async () => await NumberAsync(published) == before + 3, TimeSpan.FromSeconds(20));
        await Eventually.HoldsAsync("a failure", async () => await NumberAsync(failures) > 0, TimeSpan.FromSeconds(20));
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Region, new() { Name = "Registrations that need attention" })).ToContainTextAsync(failing.Name);

        foreach (var look in Look.All)
        {
            await using var shown = await console.OpenAsync(console.Url, look);
            await shown.CheckAsync();
            await shown.ScreenshotAsync("home");
        }
    }

    [Fact]
    public async Task The_quick_start_leads_to_a_delivered_event_without_leaving_the_page()
    {
        await using var page = await console.OpenAsync(console.Url);
        var offer = page.Page.GetByRole(AriaRole.Button, new() { Name = "Quick start", Exact = true });
        var run = page.Page.GetByRole(AriaRole.Button, new() { Name = "Deliver a first event" });
        await Assertions.Expect(offer.Or(run)).ToBeVisibleAsync();
        if (await offer.IsVisibleAsync())
        {
            await offer.ClickAsync();
        }

        await run.ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Your action answered 200")).ToBeVisibleAsync(new() { Timeout = 40_000 });
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "quick-start", Exact = true })).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("quick-start");
        Assert.Equal(console.Url, page.Page.Url);

        // The event's id, typed into the palette, leads to its story.
        var eventId = await page.Page.Locator(".sb-facts dd a").First.InnerTextAsync();
        await page.Page.Keyboard.PressAsync("Control+k");
        await page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Go to" }).GetByRole(AriaRole.Combobox).FillAsync(eventId);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Option, new() { Name = $"Event {eventId}" })).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Event", Level = 1 })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "quick-start", Exact = true })).ToBeVisibleAsync();
        foreach (var look in Look.All)
        {
            await using var story = await console.OpenAsync(page.Page.Url, look);
            await story.CheckAsync();
            await story.ScreenshotAsync("event");
        }
    }

    private static async Task<long> NumberAsync(ILocator figure) =>
        long.Parse(await figure.InnerTextAsync(), System.Globalization.NumberStyles.AllowThousands, System.Globalization.CultureInfo.InvariantCulture);
}
