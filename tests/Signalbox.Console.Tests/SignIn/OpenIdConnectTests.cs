using Microsoft.Playwright;

namespace Signalbox.WebConsole.Tests.SignIn;

public sealed class OpenIdConnectTests(RunningConsole console)
{
    [Fact]
    public async Task A_provider_vouches_for_a_user_whom_its_role_claim_admits_and_for_nobody_else()
    {
        console.Provider.Next = new Dictionary<string, object> { ["sub"] = "stranger", ["email"] = "admin", ["email_verified"] = true };
        await using var page = await console.OpenAsync(console.WorkspaceUrl("registrations"), signedIn: false);
        await SignInAsync(page);
        // 'admin' is a name here and no address that a provider could have verified.
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("invited");
        await page.CheckAsync();

        console.Provider.Next = new Dictionary<string, object> { ["sub"] = "s-1", ["name"] = "Mia Wallace", ["roles"] = new[] { "other", "signalbox-developer" } };
        await page.GoToAsync(console.WorkspaceUrl("registrations"));
        await SignInAsync(page);
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Registrations", Level = 1 })).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByLabel("Account of Mia Wallace")).ToBeVisibleAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "Users" })).ToHaveCountAsync(0);
    }

    private static Task SignInAsync(ConsolePage page) =>
        page.Page.GetByRole(AriaRole.Link, new() { Name = "Sign in by the test provider" }).ClickAsync();
}
