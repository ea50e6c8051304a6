using System.Net;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;
using Signalbox.Testing;
using Signalbox.WebConsole.Tests.SignIn;

[assembly: AssemblyFixture(typeof(Signalbox.WebConsole.Tests.RunningConsole))]

namespace Signalbox.WebConsole.Tests;

/// <summary>One server, one browser and one signed-in administrator for the whole suite: both take seconds to start.</summary>
public sealed class RunningConsole : IAsyncLifetime
{
    public const string AdministratorPassword = "a lamp for every signal";

    /// <summary>What the names of partner event sources begin with here; not the default, so that pages must know the setting.</summary>
    public const string SourcePrefix = "aws.partner/signalbox.example.com/";

    private static readonly bool _isOnPostgres = Environment.GetEnvironmentVariable("SIGNALBOX_CONSOLE_ENGINE") == nameof(TestEngine.Postgresql);
    private static readonly string _screenshots = Path.Combine(Repository.Root, "test-output", "screenshots");

    /// <summary>Debian's; the shell is the same engine without windows, and takes a third less of the processor.</summary>
    private static readonly string[] _chromiums = ["/usr/bin/chromium-headless-shell", "/usr/bin/chromium"];

    /// <summary>The name of the server's database.</summary>
    public static string Engine => _isOnPostgres ? "postgresql" : "sqlite";

    private IPlaywright _playwright = null!;
    private string _signedIn = "";

    public SignalboxServer Server { get; private set; } = null!;

    /// <summary>An OpenID Connect provider that the server trusts.</summary>
    public OpenIdProvider Provider { get; private set; } = null!;

    /// <summary>The REST client of the first workspace, for what a test needs to exist.</summary>
    public ServerClient Client { get; private set; } = null!;

    public IBrowser Browser { get; private set; } = null!;

    public string Url => Server.Url + "/console/";

    /// <summary>The first workspace's pages, such as <c>registrations</c>.</summary>
    public string WorkspaceUrl(string page) => $"{Url}w/{Server.Console.WorkspaceId}/{page}";

    public async ValueTask InitializeAsync()
    {
        Directory.CreateDirectory(_screenshots);
        Provider = await OpenIdProvider.StartAsync();
        Server = await SignalboxServer.StartAsync(new ServerLaunch
        {
            PostgresConnectionString = _isOnPostgres ? PostgresServer.Instance.CreateDatabase() : null,
            Settings =
            [
                "--Console:OpenIdConnect:Authority", Provider.Url, "--Console:OpenIdConnect:ClientId", OpenIdProvider.ClientId,
                "--Console:OpenIdConnect:Name", "the test provider", "--Console:OpenIdConnect:RoleClaim", "roles",
                "--Events:EventBridge:SourcePrefix", SourcePrefix,
            ],
        });
        Client = await ServerClient.SignInAsync(Server);
        _playwright = await Playwright.CreateAsync();

        // A machine with other work must not fail a test; what is wrong stays wrong.
        Assertions.SetDefaultExpectTimeout(60_000);
        Browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("SIGNALBOX_CHROMIUM") ?? _chromiums.FirstOrDefault(File.Exists),
            // Unhinted: letters stand as far apart as on a screen of today.
            Args = ["--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--font-render-hinting=none"],
        });
        _signedIn = await RedeemFirstLinkAsync();
    }

    /// <summary>A page of a browser of its own, signed in as the administrator. A fault in its scripts fails <see cref="ConsolePage.CheckAsync"/>.</summary>
    /// <param name="url">The page.</param>
    /// <param name="look">Theme and size.</param>
    /// <param name="signedIn">False: as a stranger.</param>
    /// <param name="script">Runs in the page before its own scripts; null: watches for what blinks or jumps.</param>
    public async Task<ConsolePage> OpenAsync(string url, Look? look = null, bool signedIn = true, string? script = null)
    {
        var shown = look ?? Look.Light;
        var context = await Browser.NewContextAsync(new BrowserNewContextOptions
        {
            StorageState = signedIn ? _signedIn : null,
            ColorScheme = shown.IsDark ? ColorScheme.Dark : ColorScheme.Light,
            ViewportSize = new ViewportSize { Width = shown.Width, Height = shown.Height },
            ReducedMotion = ReducedMotion.Reduce,
        });
        context.SetDefaultTimeout(90_000);
        await context.AddInitScriptAsync(script ?? ConsolePage.WatchForBlinks);

        var page = new ConsolePage(await context.NewPageAsync(), shown, _screenshots);
        await page.GoToAsync(url);
        return page;
    }

    /// <summary>A page as the administrator's browser gets it, before any script runs.</summary>
    public async Task<(HttpStatusCode Status, string Html)> ReadAsync(string url)
    {
        await using var client = await _playwright.APIRequest.NewContextAsync(new APIRequestNewContextOptions { StorageState = _signedIn });
        var response = await client.GetAsync(url, new APIRequestContextOptions { MaxRedirects = 0 });
        return ((HttpStatusCode)response.Status, await response.TextAsync());
    }

    public async ValueTask DisposeAsync()
    {
        if (Browser is not null)
        {
            await Browser.CloseAsync();
        }

        _playwright?.Dispose();
        Client?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }

        if (Provider is not null)
        {
            await Provider.DisposeAsync();
        }
    }

    private async Task<string> RedeemFirstLinkAsync()
    {
        var link = (await File.ReadAllTextAsync(Path.Combine(Server.DataDirectory, "console-link"))).Trim();
        await using var page = await OpenAsync(link, signedIn: false);
        await page.Page.GetByLabel("Password, 12 characters or more").FillAsync(AdministratorPassword);
        await page.Page.GetByLabel("Again").FillAsync(AdministratorPassword);
        await page.ScreenshotAsync("welcome");
        await page.Page.GetByRole(AriaRole.Button, new() { Name = "Set password and sign in" }).ClickAsync();
        await Assertions.Expect(page.Page).ToHaveURLAsync(Url);
        return await page.Page.Context.StorageStateAsync();
    }
}
