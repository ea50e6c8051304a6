using Microsoft.Playwright;

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
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("wrong");
        await signing.Page.GetByLabel("Password").FillAsync(RunningConsole.AdministratorPassword);
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Heading, new() { Name = "Registrations" })).ToBeVisibleAsync();
        await signing.WaitUntilInteractiveAsync();

        await signing.Page.GetByLabel("Account of Administrator").ClickAsync();
        await signing.Page.GetByRole(AriaRole.Button, new() { Name = "Sign out" }).ClickAsync();
        await Assertions.Expect(signing.Page.GetByRole(AriaRole.Heading, new() { Name = "Sign in" })).ToBeVisibleAsync();
    }
}
