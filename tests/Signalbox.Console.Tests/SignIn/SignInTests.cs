using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.SignIn;

public sealed class SignInTests(RunningConsole console)
{
    [Fact]
    public async Task Nobody_sees_a_page_without_signing_in_and_the_password_leads_to_the_page_that_was_asked_for()
    {
        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl("registrations"), look, signedIn: false);
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("sign-in");
        }

        await using var signing = await console.OpenAsync(console.WorkspaceUrl("registrations"), signedIn: false);
        await signing.Page.GetByLabel("Name or e-mail address").FillAsync("admin");
        await signing.Page.GetByLabel("Password").FillAsync("wrong");
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await signing.Page.GetByLabel("Password").FillAsync(RunningConsole.AdministratorPassword);
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Heading, new() { Name = "Registrations", Level = 1 })).ToBeVisibleAsync();
        await signing.WaitUntilInteractiveAsync();

        await signing.Page.GetByLabel("Account of Administrator").ClickAsync();
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task Guessing_has_to_wait_and_a_new_link_still_leads_in()
    {
        await using var page = await console.OpenAsync(console.Url + "sign-in", signedIn: false);
        for (var i = 0; i < 6; i++)
        {
            await page.Page.GetByLabel("Name or e-mail address").FillAsync("somebody");
            await page.Page.GetByLabel("Password").FillAsync($"guess {i}");
            await page.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync(i < 5 ? "wrong" : "Too many attempts from here, or at this name. Try again in 5 min.");
        }

        await using var command = LeashedProcess.Start("dotnet", [Repository.ServerAssembly, "console", "link", "--data", console.Server.DataDirectory]);
        Assert.Equal(0, await command.WaitForExitAsync(TimeSpan.FromSeconds(60)));
        await page.GoToAsync(command.Output.ToString().Trim());
        await Assertions.Expect(page.Page.GetByText("You will sign in as admin, System Administrator.")).ToBeVisibleAsync();
    }
}
