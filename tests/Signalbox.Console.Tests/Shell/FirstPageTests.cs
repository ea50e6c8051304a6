using System.Globalization;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Shell;

/// <summary>How soon a page is ready in a browser that has nothing of the console yet.</summary>
public sealed class FirstPageTests(RunningConsole console)
{
    private const int Rounds = 9;

    // What the page's own clock says, so that neither the driver nor the browser's start is measured.
    private const string Watch =
        """
        new MutationObserver((_, self) => {
            if (!document.documentElement?.hasAttribute('data-ready')) return;
            window.readyAt = performance.now();
            self.disconnect();
        }).observe(document, { attributes: true, subtree: true, attributeFilter: ['data-ready'] });
        """;

    private const string Read =
        """
        () => {
            const [page] = performance.getEntriesByType('navigation');
            const files = performance.getEntriesByType('resource');
            return [
                window.readyAt ?? page.domContentLoadedEventEnd,
                page.responseEnd,
                performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0,
                [page, ...files].reduce((sum, one) => sum + one.transferSize, 0) / 1024,
                files.length + 1,
            ];
        }
        """;

    /// <summary>Run by hand on a calm machine: <c>-explicit only -class '*FirstPageTests'</c>. Prints the figures of docs/performance.md.</summary>
    [Fact(Explicit = true)]
    public async Task A_first_page_answers_clicks_within_a_second()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var registration = await type.RegisterJournalAsync();
        var output = TestContext.Current.TestOutputHelper!;
        output.WriteLine("Cold cache, warm server; milliseconds from the navigation's start (median; slowest).");
        foreach (var (name, url, isSignedIn) in new[]
        {
            ("sign-in", console.Url + "sign-in", false),
            ("home", console.Url, true),
            ("registration", console.WorkspaceUrl($"registrations/{registration.Id}"), true),
            ("debug tracing", console.WorkspaceUrl($"registrations/{registration.Id}/tracing"), true),
        })
        {
            var rounds = new List<double[]>();
            for (var round = 0; round <= Rounds; round++)
            {
                await using var page = await console.OpenAsync("about:blank", signedIn: isSignedIn, script: Watch);
                var browser = await page.Page.Context.NewCDPSessionAsync(page.Page);
                await browser.SendAsync("Performance.enable", new() { ["timeDomain"] = "threadTicks" });
                var before = await ReadThreadAsync(browser);
                await page.GoToAsync(url);
                await page.Page.WaitForFunctionAsync("() => performance.getEntriesByName('first-contentful-paint').length > 0");
                rounds.Add([.. await page.Page.EvaluateAsync<double[]>(Read), await ReadThreadAsync(browser) - before]);
            }

            // The first warms the server up.
            var (ready, slowest) = (Median(rounds, 0), rounds.Skip(1).Max(r => r[0]));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{name,-14} ready {ready,5:N0} ({slowest:N0})   document {Median(rounds, 1),5:N0}   first paint {Median(rounds, 2),5:N0}   {Median(rounds, 3):N0} KB in {Median(rounds, 4):N0} requests   main thread {Median(rounds, 5),4:N0} of processor"));
            Assert.True(ready < 1_000, $"{name} is ready after {ready:N0} ms.");
        }
    }

    /// <summary>Milliseconds of processor that the page's thread has used: what a busy machine does not change.</summary>
    private static async Task<double> ReadThreadAsync(ICDPSession browser) =>
        (await browser.SendAsync("Performance.getMetrics"))!.Value.GetProperty("metrics").EnumerateArray()
            .First(metric => metric.GetProperty("name").GetString() == "ThreadTime").GetProperty("value").GetDouble() * 1_000;

    private static double Median(List<double[]> rounds, int figure) => rounds.Skip(1).Select(r => r[figure]).Order().ElementAt(Rounds / 2);
}
