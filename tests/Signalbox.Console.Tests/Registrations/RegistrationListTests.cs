using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Registrations;

public sealed class RegistrationListTests(RunningConsole console)
{
    [Fact]
    public async Task Registrations_are_listed_with_their_state_and_found_by_a_link_with_filters()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl("registrations"), look);
            var row = page.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = registration.Name });
            await Assertions.Expect(row).ToContainTextAsync("Active");
            await Assertions.Expect(row).ToContainTextAsync("Journal");
            await page.CheckAsync();
            await page.ScreenshotAsync("registrations");
        }

        await using var filtered = await console.OpenAsync(console.WorkspaceUrl("registrations?name=no-such-name"));
        await Assertions.Expect(filtered.Page.GetByText("No registration is like this")).ToBeVisibleAsync();
        await filtered.CheckAsync();
        await filtered.Page.GetByLabel("Name").FillAsync(registration.Name);
        await filtered.Page.GetByLabel("Name").PressAsync("Enter");
        await Assertions.Expect(filtered.Page.GetByRole(AriaRole.Link, new() { Name = registration.Name })).ToBeVisibleAsync();
        Assert.Contains($"name={Uri.EscapeDataString(registration.Name)}", filtered.Page.Url, StringComparison.Ordinal);
    }
}
