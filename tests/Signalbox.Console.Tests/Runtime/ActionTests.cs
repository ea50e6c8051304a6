using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Runtime;

public sealed class ActionTests(RunningConsole console)
{
    [Fact]
    public async Task An_action_is_written_invoked_and_changed_without_leaving_the_console()
    {
        await using var page = await console.OpenAsync(console.WorkspaceUrl("actions"));
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "New action" }).First.ClickAsync();
        await page.Page.GetByLabel("Package").FillAsync("written");
        await page.Page.GetByLabel("Name").FillAsync("greet");
        await page.CheckAsync();
        await page.ScreenshotAsync("new-action");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();

        await Assertions.Expect(page.Page).ToHaveURLAsync(new Regex("/actions/written/greet\\?tab=invoke"));
        await TypeAsync(page, "Arguments", """{"name": "Ada"}""");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Success")).ToBeVisibleAsync(new() { Timeout = 60_000 });
        await Assertions.Expect(page.Page.GetByLabel("Result", new() { Exact = true })).ToContainTextAsync("Hello, Ada!");
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("greeting Ada");
        await Assertions.Expect(page.Page.GetByText("Init (cold)")).ToBeVisibleAsync();
        await page.CheckAsync();
        await page.ScreenshotAsync("action-invoke");

        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Code" }).ClickAsync();
        await TypeAsync(page, "Code", "function main() { return { changed: true } }");
        await Assertions.Expect(page.Page.GetByText("not saved")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByText("Saved as version 0.0.2")).ToBeVisibleAsync();
        await page.Page.GetByRole(AriaRole.Link, new() { Name = "Invoke" }).ClickAsync();
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Invoke" }).ClickAsync();
        await Assertions.Expect(page.Page.GetByLabel("Result", new() { Exact = true })).ToContainTextAsync("\"changed\": true", new() { Timeout = 60_000 });
    }

    [Fact]
    public async Task Two_people_who_edit_the_same_action_do_not_overwrite_each_other()
    {
        await console.Client.PutActionAsync("edited", "function main() { return {} }");
        await using var page = await console.OpenAsync(console.WorkspaceUrl("actions/edited"));
        await console.Client.PutActionAsync("edited", "function main() { return { theirs: 1 } }");

        await TypeAsync(page, "Code", "function main() { return { mine: 1 } }");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();

        await Assertions.Expect(page.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else changed it");
        Assert.Contains("theirs", (await console.Client.RuntimeAsync(HttpMethod.Get, "/actions/edited")).Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Every_part_of_an_action_can_be_read_and_a_deleted_one_is_gone()
    {
        await console.Client.PutActionAsync("doomed", "function main() { return {} }");
        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl("actions?name=doomed"), look);
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "doomed" })).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("actions");
            foreach (var tab in (string[])["code", "invoke", "activations", "settings"])
            {
                await page.GoToAsync(console.WorkspaceUrl($"actions/doomed?tab={tab}"));
                await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "doomed" })).ToBeVisibleAsync();
                await page.CheckAsync();
                await page.ScreenshotAsync($"action-{tab}");
            }
        }

        await using var last = await console.OpenAsync(console.WorkspaceUrl("actions/doomed?tab=settings"));
        await last.Page.GetByLabel("Memory, MB").FillAsync("100000");
        await last.Page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Assertions.Expect(last.Page.GetByRole(AriaRole.Alert)).ToContainTextAsync("exceeds allowed threshold");
        await last.Page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await last.Page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Assertions.Expect(last.Page).ToHaveURLAsync(new Regex("/actions$"));
        Assert.Equal(404, (int)(await console.Client.RuntimeAsync(HttpMethod.Get, "/actions/doomed")).Status);
    }

    [Fact]
    public async Task A_sequence_is_shown_as_a_waterfall_of_its_components_from_any_of_them()
    {
        var ns = console.Server.Console.Namespace;
        await console.Client.PutActionAsync("first", "async function main(p) { console.log('one'); console.error('two'); return { ...p, first: 1 } }");
        await console.Client.PutActionAsync("second", "function main(p) { return { ...p, second: 2 } }");
        await console.Client.RuntimeAsync(HttpMethod.Put, "/actions/both?overwrite=true", new JsonObject
        {
            ["exec"] = new JsonObject { ["kind"] = "sequence", ["components"] = new JsonArray($"/{ns}/first", $"/{ns}/second") },
        });
        var outer = (string)(await console.Client.RuntimeAsync(HttpMethod.Post, "/actions/both?blocking=true", new JsonObject())).Json["activationId"]!;

        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl($"activations/{outer}"), look);
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = "Waterfall" })).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("activation-sequence");
            await page.Page.GetByRole(AriaRole.Listitem).GetByRole(AriaRole.Link, new() { Name = "first" }).ClickAsync();
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Log)).ToContainTextAsync("one");
            await Assertions.Expect(page.Page.GetByRole(AriaRole.Link, new() { Name = "second" })).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("activation");
        }
    }

    [Fact]
    public async Task Activations_are_found_by_action_and_ending_and_by_a_link_with_both()
    {
        await console.Client.PutActionAsync("failing", "function main() { return { error: 'no lever' } }");
        for (var run = 0; run < 2; run++)
        {
            await console.Client.RuntimeAsync(HttpMethod.Post, "/actions/failing?blocking=true", new JsonObject());
        }

        foreach (var look in Look.All)
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl("activations?name=failing&ended=Failure"), look);
            await Assertions.Expect(page.Page.GetByText("Application error")).ToHaveCountAsync(2);
            await page.CheckAsync();
            await page.ScreenshotAsync("activations");
            await page.GoToAsync(console.WorkspaceUrl("usage"));
            await Assertions.Expect(page.Page.GetByText("Invocations this minute")).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync("usage");
        }

        await using var none = await console.OpenAsync(console.WorkspaceUrl("activations?name=failing&ended=Success"));
        await Assertions.Expect(none.Page.GetByText("No activation is like this")).ToBeVisibleAsync();
        await none.GoToAsync(console.WorkspaceUrl("activations/0123456789abcdef0123456789abcdef"));
        await Assertions.Expect(none.Page.GetByText("There is no such activation here")).ToBeVisibleAsync();
    }

    private static async Task TypeAsync(ConsolePage page, string label, string text)
    {
        var editor = page.Page.GetByRole(AriaRole.Textbox, new() { Name = label, Exact = true });
        await editor.ClickAsync();
        await page.Page.Keyboard.PressAsync("Control+A");
        await page.Page.Keyboard.InsertTextAsync(text);
    }
}
