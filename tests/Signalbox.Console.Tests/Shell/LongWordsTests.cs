using System.Net;
using System.Text.Json.Nodes;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

/// <summary>What users and the server itself name at length makes no page wider than the screen, and squeezes nothing else.</summary>
public sealed class LongWordsTests(RunningConsole console)
{
    private static readonly Look _wide = new("wide", false, 1440, 900);

    [Fact]
    public async Task An_action_with_a_long_name_leaves_the_other_columns_on_one_line()
    {
        var name = $"{new string('a', 100)}-{new string('b', 100)}";
        await console.Client.PutActionAsync(name, "function main() { return {} }");
        (await console.Client.RuntimeAsync(HttpMethod.Post, $"/actions/{name}", new JsonObject())).Expect(HttpStatusCode.Accepted);
        await using var page = await console.OpenAsync(console.WorkspaceUrl("actions?name=aaa"), _wide);

        foreach (var column in (string[])["Kind", "Limits"])
        {
            var cell = page.Page.Locator($"td[data-label={column}]").First;
            Assert.Equal("nowrap", await cell.EvaluateAsync<string>("cell => getComputedStyle(cell.firstElementChild ?? cell).whiteSpace"));
        }

        await FitsAsync(page, "Actions");
        await page.GoToAsync(console.WorkspaceUrl($"activations?name={name}"));
        await FitsAsync(page, "Activations");
    }

    [Fact]
    public async Task A_provider_with_a_description_of_one_long_word_fits_the_screen()
    {
        var created = (await console.Client.EventsAsync(HttpMethod.Post, $"{console.Client.Console.WorkspacePath}/providers", new JsonObject
        {
            ["label"] = "Unbroken",
            ["description"] = new string('x', 250),
        })).Expect(HttpStatusCode.Created);
        var id = created.Json["id"]!.GetValue<string>();
        (await console.Client.EventsAsync(HttpMethod.Post, $"{console.Client.Console.WorkspacePath}/providers/{id}/eventmetadata", new JsonObject
        {
            ["event_code"] = "long",
            ["label"] = "Long",
            ["description"] = new string('y', 250),
        })).Expect(HttpStatusCode.Created);

        foreach (var look in (Look[])[_wide, Look.Phone])
        {
            await using var page = await console.OpenAsync(console.WorkspaceUrl($"providers/{id}"), look);
            await page.CheckAsync();
            await FitsAsync(page, "Events");
        }
    }

    private static async Task FitsAsync(ConsolePage page, string table)
    {
        var region = page.Page.GetByRole(AriaRole.Region, new() { Name = table, Exact = true }).Locator("visible=true").Last;
        await Assertions.Expect(region).ToBeVisibleAsync();
        Assert.Equal(0, await region.EvaluateAsync<int>("region => region.scrollWidth - region.clientWidth"));
    }
}
