using Deque.AxeCore.Commons;
using Deque.AxeCore.Playwright;
using Microsoft.Playwright;

namespace Signalbox.WebConsole.Tests;

/// <summary>A page of the console in a browser context of its own, which ends with it.</summary>
public sealed class ConsolePage : IAsyncDisposable
{
    private static readonly AxeRunOptions _wcag = new()
    {
        RunOnly = RunOnlyOptions.Tags("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    };

    /// <summary>
    /// Notes, frame by frame, whether something of the page that was painted goes away again before anybody touches it, and
    /// how far things jump.
    /// </summary>
    internal const string WatchForBlinks =
        """
        (() => {
            const seen = window.seen = { blink: null, jump: 0, jumps: [] };
            let most = 0, frames = 0, over = false;
            for (const touch of ['pointerdown', 'keydown', 'input']) addEventListener(touch, () => over = true, { capture: true });
            const address = location.href;
            const look = () => {
                over ||= location.href !== address;
                const now = document.querySelector('.sb-content')?.innerText.length ?? 0;
                if (!over && now < most * .9) seen.blink ??= `${most} characters, then ${now}`;
                most = Math.max(most, now);
                if (document.documentElement.hasAttribute('data-ready') && ++frames === 10) over = true;
                if (!over) requestAnimationFrame(look);
            };
            requestAnimationFrame(look);
            new PerformanceObserver(list => list.getEntries().filter(e => !over && !e.hadRecentInput).forEach(e => {
                seen.jump += e.value;
                seen.jumps.push(...e.sources.map(s => s.node?.outerHTML?.slice(0, 80) ?? s.node?.textContent?.slice(0, 80)));
            })).observe({ type: 'layout-shift', buffered: true });
        })();
        """;

    /// <summary>Of the score of cumulative layout shift, of which 0.1 counts as good.</summary>
    private const double JumpMax = .05;

    // What a theme changes are colours; the rest was looked at in the light one.
    private static readonly AxeRunOptions _contrast = new() { RunOnly = RunOnlyOptions.Rules("color-contrast") };

    private readonly Look _look;
    private readonly string _screenshots;
    private readonly List<string> _faults = [];

    internal ConsolePage(IPage page, Look look, string screenshots)
    {
        (Page, _look, _screenshots) = (page, look, screenshots);
        page.PageError += (_, fault) => _faults.Add(fault);
        page.Console += (_, message) =>
        {
            // A page that is meant to be 404 says so on the browser's console.
            if (message.Type == "error" && !message.Text.Contains("status of 404", StringComparison.Ordinal))
            {
                _faults.Add(message.Text);
            }
        };
    }

    public IPage Page { get; }

    /// <summary>Opens an address and waits until the page answers clicks.</summary>
    public async Task GoToAsync(string url)
    {
        await Page.GotoAsync(url);
        await WaitUntilInteractiveAsync();
    }

    /// <summary>Waits for the circuit, which plain pages do not have.</summary>
    public Task WaitUntilInteractiveAsync() =>
        Page.WaitForFunctionAsync("() => !document.querySelector('.sb-shell') || document.documentElement.hasAttribute('data-ready')");

    /// <summary>Nothing of the page breaks a rule of WCAG 2.2 AA, scrolls sideways, or has failed in its scripts.</summary>
    public async Task CheckAsync()
    {
        var result = await Page.RunAxe(_look.IsDark ? _contrast : _wcag);
        Assert.True(
            result.Violations.Length == 0,
            $"{Page.Url} ({_look.Name}): " + string.Join(
                "\n", result.Violations.Select(v => $"{v.Id}: {v.Help}\n  " + string.Join("\n  ", v.Nodes.Select(n => $"{n.Html}\n    {string.Join("; ", n.Any.Select(a => a.Message))}")))));
        var overflow = await Page.EvaluateAsync<int>("() => document.documentElement.scrollWidth - document.documentElement.clientWidth");
        Assert.True(overflow <= 0, $"{Page.Url} ({_look.Name}) is {overflow} px wider than the screen.");
        Assert.Empty(_faults);
        var seen = (await Page.EvaluateAsync("() => window.seen"))!.Value;
        Assert.True(seen.GetProperty("blink").GetString() is null, $"{Page.Url} ({_look.Name}) blinked: {seen}");
        Assert.True(seen.GetProperty("jump").GetDouble() < JumpMax, $"{Page.Url} ({_look.Name}) jumps: {seen}");
    }

    /// <summary>Waits for something of the page; when it does not come, the page's text says why.</summary>
    public async Task<T> WaitForAsync<T>(Func<IPage, Task<T>> wait)
    {
        try
        {
            return await wait(Page);
        }
        catch (TimeoutException exception)
        {
            throw new TimeoutException(
                $"{exception.Message}\n{Page.Url} shows:\n{await Page.InnerTextAsync("body")}\n{string.Join('\n', _faults)}", exception);
        }
    }

    /// <summary>Keeps <c>test-output/screenshots/NAME-LOOK.png</c>.</summary>
    public Task ScreenshotAsync(string name) =>
        Page.ScreenshotAsync(new PageScreenshotOptions { Path = Path.Combine(_screenshots, $"{name}-{_look.Name}.png") });

    public async ValueTask DisposeAsync() => await Page.Context.CloseAsync();
}
