using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

public sealed class AdministrationTests(RunningConsole console)
{
    [Fact]
    public async Task An_administrator_invites_a_viewer_who_may_look_but_not_administer_and_the_audit_log_tells_it()
    {
        await using var page = await console.OpenAsync(console.Url + "users");
        var signIn = $"viewer-{Guid.NewGuid():N}@example.com";
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Invite a user" }).ClickAsync();
        await page.Page.GetByLabel("E-mail address or name to sign in with").FillAsync(signIn);
        await page.Page.GetByRole(AriaRole.Combobox, new() { Name = "Role", Exact = false }).First.SelectOptionAsync("Viewer");
        await page.CheckAsync();
        await page.ScreenshotAsync("invite");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = await page.Page.GetByRole(AriaRole.Status).Locator("code").InnerTextAsync();
        await page.ScreenshotAsync("users");
        await page.CheckAsync();

        await using var viewer = await console.OpenAsync(link, signedIn: false);
        await viewer.Page.GetByLabel("Password, 12 characters or more").FillAsync("looking at the signals");
        await viewer.Page.GetByLabel("Again").FillAsync("looking at the signals");
        await viewer.Page.GetByRole(AriaRole.Button, new() { Name = "Set password and sign in" }).ClickAsync();
        await Assertions.Expect(viewer.Page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
        await Assertions.Expect(viewer.Page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);
        await viewer.GoToAsync(console.Url + "users");
        await Assertions.Expect(viewer.Page.GetByText("This page is not for your role")).ToBeVisibleAsync();

        await using var spent = await console.OpenAsync(link, signedIn: false);
        await Assertions.Expect(spent.Page.GetByText("This link is not good")).ToBeVisibleAsync();

        foreach (var look in Look.All)
        {
            await using var audit = await console.OpenAsync(console.Url + "audit?action=user.invite", look);
            await Assertions.Expect(audit.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = signIn })).ToContainTextAsync("Done");
            await audit.CheckAsync();
            await audit.ScreenshotAsync("audit");
        }
    }

    [Fact]
    public async Task A_developer_who_became_a_viewer_is_refused_on_a_page_that_still_has_the_buttons()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var users = await console.OpenAsync(console.Url + "users");
        var signIn = $"developer-{Guid.NewGuid():N}@example.com";
        await users.Page.GetByRole(AriaRole.Button, new() { Name = "Invite a user" }).ClickAsync();
        await users.Page.GetByLabel("E-mail address or name to sign in with").FillAsync(signIn);
        await users.Page.GetByRole(AriaRole.Button, new() { Name = "Make the link" }).ClickAsync();
        var link = await users.Page.GetByRole(AriaRole.Status).Locator("code").InnerTextAsync();
        await using var developer = await console.OpenAsync(link, signedIn: false);
        await developer.Page.GetByLabel("Password, 12 characters or more").FillAsync("pulling the levers");
        await developer.Page.GetByLabel("Again").FillAsync("pulling the levers");
        await developer.Page.GetByRole(AriaRole.Button, new() { Name = "Set password and sign in" }).ClickAsync();
        await Assertions.Expect(developer.Page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
        await developer.GoToAsync(console.WorkspaceUrl($"registrations/{registration.Id}"));

        await users.Page.GetByLabel($"Role of {signIn}").SelectOptionAsync("Viewer");
        await Assertions.Expect(users.Page.GetByLabel($"Role of {signIn}")).ToHaveValueAsync("Viewer");
        await developer.Page.GetByRole(AriaRole.Button, new() { Name = "Disable" }).ClickAsync();
        await Assertions.Expect(developer.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This needs the role Developer; you are Viewer.");
        Assert.True((await console.Client.EventsAsync(HttpMethod.Get, registration.Path)).Json["enabled"]!.GetValue<bool>());

        await developer.GoToAsync(console.WorkspaceUrl($"registrations/{registration.Id}"));
        await Assertions.Expect(developer.Page.GetByRole(AriaRole.Button, new() { Name = "Disable" })).ToHaveCountAsync(0);
        await developer.CheckAsync();
        await users.GoToAsync(console.Url + "audit?action=registration.disable");
        await Assertions.Expect(users.Page.GetByRole(AriaRole.Row).Filter(new() { HasText = registration.Name })).ToContainTextAsync("you are Viewer");
    }

    [Fact]
    public async Task A_user_sees_the_own_sessions()
    {
        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.Url + "account", look);
            await Assertions.Expect(page.Page.GetByText("This session")).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("account");
        }
    }
}
