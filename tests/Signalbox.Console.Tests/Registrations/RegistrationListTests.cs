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

    [Fact]
    public async Task Deleting_a_provider_names_the_registrations_that_lose_it_and_they_say_so_afterwards()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var page = await console.OpenAsync(console.WorkspaceUrl($"providers/{type.ProviderId}"));
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Delete provider" }).ClickAsync();
        var dialog = page.Page.GetByRole(AriaRole.Dialog);
        await Assertions.Expect(dialog).ToContainTextAsync("1 registration of this workspace wants events of it");
        await page.ScreenshotAsync("provider-delete");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete provider" }).ClickAsync();
        await Assertions.Expect(page.Page).ToHaveURLAsync(console.WorkspaceUrl("providers"));

        foreach (var look in Look.All)
        {
            await using var list = await console.OpenAsync(console.WorkspaceUrl($"registrations?name={type.ProviderId}"), look);
            await Assertions.Expect(list.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = registration.Name })).ToContainTextAsync("its provider is gone");
            await list.CheckAsync();
            await list.ScreenshotAsync("registrations-orphan");
            await list.GoToAsync(console.WorkspaceUrl($"registrations/{registration.Id}"));
            await Assertions.Expect(list.Page.GetByText("No provider of its events exists any more")).ToBeVisibleAsync();
            await list.CheckAsync();
            await list.ScreenshotAsync("registration-orphan");
        }
    }
}
