using Microsoft.Playwright;

namespace Signalbox.WebConsole.Tests.Operations;

public sealed class OperationsTests(RunningConsole console)
{
    [Fact]
    public async Task An_administrator_sees_how_the_server_does_and_replaces_a_signing_key()
    {
        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.Url + "operations", look);
            await Assertions.Expect(page.Page.GetByText(RunningConsole.Engine, new() { Exact = true })).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("operations");
        }

        await using var operating = await console.OpenAsync(console.Url + "operations");
        var keys = operating.Page.GetByRole(AriaRole.Region, new() { Name = "Signing keys" }).GetByRole(AriaRole.Table).GetByRole(AriaRole.Row);
        var before = await keys.CountAsync();
        await operating.Page.GetByRole(AriaRole.Button, new() { Name = "Replace the older key" }).ClickAsync();
        await operating.CheckAsync();
        await operating.ScreenshotAsync("confirm");
        await operating.Page.GetByRole(AriaRole.Button, new() { Name = "Replace", Exact = true }).ClickAsync();
        await Assertions.Expect(keys).ToHaveCountAsync(before + 1);
        await Assertions.Expect(keys.Filter(new() { HasText = "Retired" })).ToHaveCountAsync(1);
    }
}
