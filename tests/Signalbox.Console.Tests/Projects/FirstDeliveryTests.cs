using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Projects;

/// <summary>The way of a newcomer, by clicking only: from no project to events that arrive at a webhook and at an action.</summary>
public sealed class FirstDeliveryTests(RunningConsole console) : IAsyncDisposable
{
    private readonly Dictionary<Look, ConsolePage> _shown = [];

    private const string Action = """
        function main(params) { return { statusCode: 200, body: "got " + params.event.id }; }
        """;

    [Fact]
    public async Task From_a_new_project_to_a_delivery_at_a_webhook_and_at_an_action()
    {
        var unique = Guid.NewGuid().ToString("N")[..8];
        await using var hook = await WebhookListener.StartAsync();
        await using var open = await console.OpenAsync(console.Url + "projects");
        var page = open.Page;

        // A project.
        await page.GetByRole(AriaRole.Link, new() { Name = "New project" }).First.ClickAsync();
        await page.GetByLabel("Title").FillAsync($"Shop {unique}");
        await Assertions.Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync($"shop{unique}");
        await open.CheckAsync();
        await open.ScreenshotAsync("project-new");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = $"Shop {unique}" })).ToBeVisibleAsync();
        var projectUrl = page.Url;
        await page.GetByRole(AriaRole.Link, new() { Name = "Stage" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No namespace yet")).ToBeVisibleAsync();
        var workspace = page.Url.Split("/w/")[1].Split('/')[0];
        string At(string path) => $"{console.Url}w/{workspace}/{path}";

        // Runtime, and an action in its namespace.
        await page.GetByRole(AriaRole.Button, new() { Name = "Add Runtime" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Namespace and key" })).ToBeVisibleAsync();
        var name = await page.Locator("dd .sb-mono").First.InnerTextAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Show key" }).ClickAsync();
        var auth = (await page.GetByLabel("Copy the key").GetAttributeAsync("data-copy"))!;
        await PutActionAsync(name, auth, "work", isWeb: false);
        await PutActionAsync(name, auth, "page", isWeb: true);
        await open.CheckAsync();

        // A credential, whose secret is shown once and is good.
        await page.GotoAsync(At("credentials?add=true"));
        await open.WaitUntilInteractiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create credential" }).ClickAsync();
        var secret = await page.Locator("#new-secret").InnerTextAsync();
        var client = await page.Locator("dd .sb-mono").First.InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, secret));
        await open.CheckAsync();
        await page.ReloadAsync();
        await open.WaitUntilInteractiveAsync();
        await Assertions.Expect(page.GetByText(secret)).ToHaveCountAsync(0);

        // A second secret, and the first one goes: no moment without a good one.
        await page.GetByRole(AriaRole.Button, new() { Name = "Add client secret" }).ClickAsync();
        var second = await page.Locator("#new-secret").InnerTextAsync();
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, secret));
        await page.GetByLabel($"Delete the secret that ends with {secret[^4..]}").ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete secret" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel($"Delete the secret that ends with {secret[^4..]}")).ToHaveCountAsync(0);
        Assert.Equal(HttpStatusCode.Unauthorized, await TokenAsync(client, secret));
        Assert.Equal(HttpStatusCode.OK, await TokenAsync(client, second));

        // A provider with an event and its sample.
        await page.GotoAsync(At("providers/new"));
        await open.WaitUntilInteractiveAsync();
        await page.GetByLabel("Label").FillAsync($"Till {unique}");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create provider" }).ClickAsync();
        await page.GetByLabel("Event code").FillAsync("com.example.sold");
        await page.GetByLabel("Label", new() { Exact = true }).FillAsync("Something was sold");
        await page.GetByLabel("Description").FillAsync("Published for each sale.");
        await page.Locator(".cm-content").ClickAsync();
        await page.Keyboard.InsertTextAsync("""{"article": "lamp", "count": 2}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add event" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Link, new() { Name = "Something was sold", Exact = true })).ToBeVisibleAsync();
        var provider = page.Url.Split('/')[^1];
        await ShowAsync(At($"providers/{provider}"), "provider", $"Till {unique}");
        await ShowAsync(At($"providers/{provider}/events/com.example.sold"), "event-metadata", "Something was sold");
        await ShowAsync(At("providers"), "providers", "Providers");

        // A webhook, through the wizard; back and forward keep what was chosen.
        await page.GotoAsync(At("add-event"));
        await open.WaitUntilInteractiveAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = $"Till {unique}" }).CheckAsync();
        await open.ScreenshotAsync("wizard-providers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Something was sold" }).CheckAsync();
        await open.CheckAsync();
        await open.ScreenshotAsync("wizard-events");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Radio)).ToBeCheckedAsync();
        await open.CheckAsync();
        await open.ScreenshotAsync("wizard-credential");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Sales to the books");
        await Assertions.Expect(page.GetByText("7 left", new() { Exact = true })).ToBeVisibleAsync();
        await open.CheckAsync();
        await open.ScreenshotAsync("wizard-details");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Always on")).ToBeVisibleAsync();
        await page.GoBackAsync();
        await Assertions.Expect(page.GetByLabel("Name")).ToHaveValueAsync("Sales to the books");
        await page.GoForwardAsync();
        await page.GetByText("Option 1: Webhook").ClickAsync();
        await page.GetByLabel("Webhook URL").FillAsync("nonsense");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save configured events" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert).First).ToContainTextAsync("webhook_url");
        await open.CheckAsync();

        // A challenge that fails is explained, and mended by an edit.
        await page.GetByLabel("Webhook URL").FillAsync(new Uri(hook.Url, "/nothing-here").AbsoluteUri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save configured events" }).ClickAsync();
        await Assertions.Expect(page.GetByText("did not answer its challenge")).ToBeVisibleAsync();
        await Assertions.Expect(page.GetByText("Nothing stands at this path")).ToBeVisibleAsync();
        await ShowAsync(page.Url, "challenge-failed", "Sales to the books");
        await page.GetByRole(AriaRole.Link, new() { Name = "Edit events registration" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Webhook URL")).ToHaveValueAsync(new Uri(hook.Url, "/nothing-here").AbsoluteUri);
        await page.GetByLabel("Webhook URL").FillAsync(hook.Url.AbsoluteUri);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save configured events" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Saved and active")).ToBeVisibleAsync();
        await ShowAsync(page.Url, "registration-saved", "Sales to the books");

        // An action: the drop-down has the non-web one only.
        await page.GotoAsync(At($"add-event?provider={provider}"));
        await open.WaitUntilInteractiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Something was sold" }).CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByLabel("Name").FillAsync("Sales to the action");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        var steps = page.GetByRole(AriaRole.Navigation, new() { Name = "Steps" });
        await Assertions.Expect(steps).ToContainTextAsync("Journal only");
        await page.GetByText("Option 3: Amazon EventBridge").ClickAsync();
        await Assertions.Expect(steps).ToContainTextAsync("Amazon EventBridge");
        await page.GetByText("Option 1: Webhook").ClickAsync();
        await page.GetByText("Batch: up to 20").ClickAsync();
        await Assertions.Expect(steps).ToContainTextAsync("Webhook, batch");
        await page.GetByRole(AriaRole.Link, new() { Name = "Back" }).ClickAsync();
        await Assertions.Expect(page.GetByLabel("Name")).ToHaveValueAsync("Sales to the action");
        await Assertions.Expect(steps).ToContainTextAsync("Webhook, batch");
        await page.GetByRole(AriaRole.Button, new() { Name = "Next" }).ClickAsync();
        await page.GetByText("Single: one event a request").ClickAsync();
        await page.GetByText("Option 2: Runtime action").ClickAsync();
        var choices = page.GetByRole(AriaRole.Combobox, new() { Name = "Runtime action" });
        await Assertions.Expect(choices.Locator("option")).ToHaveTextAsync(["Choose an action", $"shop/work - {name}"]);
        await PutActionAsync(name, auth, "more", isWeb: false);
        await Assertions.Expect(steps).ToContainTextAsync("Runtime action");
        await page.GetByRole(AriaRole.Button, new() { Name = "Refresh" }).ClickAsync();
        await Assertions.Expect(choices.Locator("option")).ToHaveCountAsync(3);
        await choices.SelectOptionAsync("shop/work");
        await Assertions.Expect(steps).ToContainTextAsync("shop/work");
        await open.CheckAsync();
        await open.ScreenshotAsync("wizard-delivery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save configured events" }).ClickAsync();
        await Assertions.Expect(page.GetByText("Events go to the action shop/work")).ToBeVisibleAsync();

        // A test event arrives at both.
        await page.GetByRole(AriaRole.Link, new() { Name = "Publish a test event" }).ClickAsync();
        await Assertions.Expect(page.Locator(".cm-content")).ToContainTextAsync("lamp");
        await page.GetByRole(AriaRole.Button, new() { Name = "Publish", Exact = true }).ClickAsync();
        await Assertions.Expect(page.Locator(".sb-story").GetByText("Delivered", new() { Exact = true })).ToHaveCountAsync(2, new() { Timeout = 30_000 });
        await Assertions.Expect(page.Locator(".sb-story")).ToContainTextAsync("work");
        await open.CheckAsync();
        await open.ScreenshotAsync("published");
        var delivery = await hook.FindAsync("the test event", _ => true);
        Assert.Contains("lamp", Encoding.UTF8.GetString(delivery.Body), StringComparison.Ordinal);

        // What is in use cannot be deleted, and says why.
        await ShowAsync(At("overview"), "workspace", "Events");
        await page.GotoAsync(projectUrl);
        await open.WaitUntilInteractiveAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete project" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete project" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("'Sales to the action', 'Sales to the books'");
        await page.GetByRole(AriaRole.Button, new() { Name = "Pause email alerts" }).ClickAsync();
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Resume email alerts" })).ToBeVisibleAsync();
        await ShowAsync(projectUrl, "project", $"Shop {unique}");

        // The switcher finds the other workspace by its project, and shows the same page of it.
        await page.GotoAsync(At("registrations"));
        await open.WaitUntilInteractiveAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sales to the books" }).ClickAsync();
        await Assertions.Expect(page.GetByText("for the project")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Stage" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Search workspaces" }).FillAsync($"Shop {unique}");
        await Assertions.Expect(page.GetByRole(AriaRole.Option)).ToHaveCountAsync(2);
        await open.CheckAsync();
        await open.ScreenshotAsync("workspace-switcher");
        await page.GetByRole(AriaRole.Option, new() { Name = "Production" }).ClickAsync();
        await Assertions.Expect(page.GetByText("No registrations yet")).ToBeVisibleAsync();
        Assert.DoesNotContain(workspace, page.Url, StringComparison.Ordinal);
        await ShowAsync(console.Url + "projects", "projects", "Projects");
        await ShowAsync(At($"publish?provider={provider}"), "publish", "Publish a test event");
        await ShowAsync(At("namespace"), "namespace", "Namespace and key");
        await ShowAsync(At("credentials"), "credentials", "Credentials");
    }

    [Fact]
    public async Task An_empty_workspace_says_what_could_be_there_and_how_to_get_it()
    {
        await using var open = await console.OpenAsync(console.Url + "projects/new");
        var name = "empty" + Guid.NewGuid().ToString("N")[..8];
        await open.Page.GetByLabel("Title").FillAsync(name);
        await open.Page.GetByRole(AriaRole.Button, new() { Name = "Create project" }).ClickAsync();
        await open.Page.GetByRole(AriaRole.Link, new() { Name = "Stage" }).ClickAsync();
        await Assertions.Expect(open.Page.GetByText("No namespace yet")).ToBeVisibleAsync();
        var workspace = open.Page.Url[..open.Page.Url.LastIndexOf('/')];
        await ShowAsync($"{workspace}/overview", "workspace-empty", "Events");
        await ShowAsync($"{workspace}/credentials", "credentials-empty", "Credentials");
        await ShowAsync($"{workspace}/add-event", "wizard-empty", "Choose event providers");
    }

    [Fact]
    public async Task The_download_is_a_file_that_names_the_workspace()
    {
        await using var open = await console.OpenAsync(console.WorkspaceUrl("overview"));
        var download = await open.WaitForAsync(page => page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync()));
        Assert.EndsWith(".json", download.SuggestedFilename, StringComparison.Ordinal);
        Assert.Contains(console.Server.Console.WorkspaceId, await File.ReadAllTextAsync(await download.PathAsync()), StringComparison.Ordinal);
        await open.CheckAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var page in _shown.Values)
        {
            await page.DisposeAsync();
        }
    }

    /// <summary>Looks at a page in every look.</summary>
    private async Task ShowAsync(string url, string name, string heading)
    {
        foreach (var look in Look.All)
        {
            // A browser for each look, kept over the test, has the console's files already.
            if (_shown.TryGetValue(look, out var page))
            {
                await page.GoToAsync(url);
            }
            else
            {
                page = _shown[look] = await console.OpenAsync(url, look);
            }

            await Assertions.Expect(page.Page.GetByRole(AriaRole.Heading, new() { Name = heading }).First).ToBeVisibleAsync();
            await page.CheckAsync();
            await page.ScreenshotAsync(name);
        }
    }

    private async Task PutActionAsync(string @namespace, string auth, string action, bool isWeb)
    {
        using var http = new HttpClient { BaseAddress = console.Server.Address };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(auth)));
        await http.PutAsJsonAsync($"/api/v1/namespaces/{@namespace}/packages/shop?overwrite=true", new { });
        var response = await http.PutAsJsonAsync(
            $"/api/v1/namespaces/{@namespace}/actions/shop/{action}?overwrite=true",
            new { exec = new { kind = "nodejs:default", code = Action }, annotations = new[] { new { key = "web-export", value = isWeb } } });
        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    private async Task<HttpStatusCode> TokenAsync(string client, string secret)
    {
        using var http = new HttpClient { BaseAddress = console.Server.Address };
        using var form = new FormUrlEncodedContent([new("grant_type", "client_credentials"), new("client_id", client), new("client_secret", secret)]);
        return (await http.PostAsync("/ims/token/v3", form)).StatusCode;
    }
}
