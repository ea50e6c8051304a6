using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

public sealed class ShellTests(RunningConsole console)
{
    [Fact]
    public async Task The_keyboard_opens_the_palette_which_leads_to_pages()
    {
        await using var page = await console.OpenAsync(console.Url);
        await page.Page.Keyboard.PressAsync("/");
        await page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Go to" }).GetByRole(AriaRole.Combobox).FillAsync("regis");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Option, new() { Name = "Registrations" })).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("quick-jump");
        await page.Page.Keyboard.PressAsync("Enter");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Registrations", Level = 1 })).ToBeVisibleAsync();

        await page.Page.Keyboard.PressAsync("g");
        await page.Page.Keyboard.PressAsync("h");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Home", Level = 1 })).ToBeVisibleAsync();
        // What is called like nothing is offered as a search; Escape leaves at once, so that the next key is a shortcut again.
        await page.Page.Keyboard.PressAsync("/");
        var palette = page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Go to" });
        await palette.GetByRole(AriaRole.Combobox).FillAsync("zzzzqq");
        await Assertions.Expect(palette.GetByRole(AriaRole.Option, new() { Name = "Look for an event published as “zzzzqq”" })).ToBeVisibleAsync();
        await page.Page.Keyboard.PressAsync("Escape");
        await Assertions.Expect(palette).ToBeHiddenAsync();
        await page.Page.Keyboard.PressAsync("?");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Dialog, new() { Name = "Keyboard shortcuts" })).ToBeVisibleAsync();
        await page.CheckAsync();
    }

    [Fact]
    public async Task The_theme_follows_the_system_until_one_is_chosen_which_is_remembered()
    {
        await using var page = await console.OpenAsync(console.Url, Look.Dark);
        Assert.Equal("dark", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
        await page.Page.GetByLabel("Switch between light and dark").ClickAsync();
        Assert.Equal("light", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
        await page.GoToAsync(console.Url);
        Assert.Equal("light", await page.Page.Locator("html").GetAttributeAsync("data-theme"));
    }

    [Fact]
    public async Task An_address_that_names_nothing_is_a_404_that_says_what_to_do()
    {
        await using var page = await console.OpenAsync(console.Url);
        var response = await page.Page.GotoAsync(console.Url + "no-such-page");
        Assert.Equal(404, response!.Status);
        await Assertions.Expect(page.Page.GetByText("There is nothing here")).ToBeVisibleAsync();
        await page.ScreenshotAsync("not-found");

        response = await page.Page.GotoAsync(console.Url + "w/4711/registrations");
        Assert.Equal(404, response!.Status);
    }

    [Fact]
    public async Task A_page_that_breaks_says_so_with_an_id_and_the_rest_of_the_console_goes_on()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        await using var page = await console.OpenAsync(console.WorkspaceUrl("registrations"));
        // The editor of the page comes without its functions.
        await page.Page.RouteAsync("**/editor*.js", route => route.FulfillAsync(new() { ContentType = "text/javascript", Body = "export {};" }));
        await page.Page.EvaluateAsync("url => Blazor.navigateTo(url)", console.WorkspaceUrl($"registrations/{registration.Id}/filtering"));
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("This page broke");
        var id = await page.Page.GetByRole(AriaRole.Alert).Locator("code").InnerTextAsync();
        await Eventually.HoldsAsync("the id in the log", () => console.Server.Output.Contains(id, StringComparison.Ordinal));
        await page.CheckAsync();
        await page.ScreenshotAsync("page-broke");
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Providers" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Providers", Level = 1 })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task A_page_whose_server_goes_away_says_so_and_comes_back_with_it()
    {
        await using var server = await SignalboxServer.StartAsync();
        var link = (await File.ReadAllTextAsync(Path.Combine(server.DataDirectory, "console-link"))).Trim();
        await using var page = await console.OpenAsync(link, signedIn: false);
        await page.Page.GetByLabel("Password, 12 characters or more").FillAsync(RunningConsole.AdministratorPassword);
        await page.Page.GetByLabel("Again").FillAsync(RunningConsole.AdministratorPassword);
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Set password and sign in" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
        await page.WaitUntilInteractiveAsync();

        await server.KillAsync();
        var note = page.Page.Locator("#components-reconnect-modal");
        await Assertions.Expect(note).ToContainTextAsync("The connection to the server is lost.");
        await Assertions.Expect(note).ToBeVisibleAsync();
        await page.ScreenshotAsync("reconnecting");
        await server.RestartAsync();
        // The new process knows nothing of the page, so that it is loaded anew; the session stands.
        await Assertions.Expect(note).ToBeHiddenAsync(new() { Timeout = 60_000 });
        await page.WaitUntilInteractiveAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Home" })).ToBeVisibleAsync();
    }

    [Fact]
    public async Task On_a_phone_the_navigation_opens_and_closes()
    {
        await using var page = await console.OpenAsync(console.WorkspaceUrl("registrations"), Look.Phone);
        var home = page.Page.GetByRole(AriaRole.Link, new() { Name = "Home", Exact = true });
        await Assertions.Expect(home).ToBeHiddenAsync();
        await page.Page.GetByLabel("Open navigation").ClickAsync();
        await Assertions.Expect(home).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("navigation");
        await home.ClickAsync();
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Home", Level = 1 })).ToBeVisibleAsync();
        await Assertions.Expect(home).ToBeHiddenAsync();
    }
}
