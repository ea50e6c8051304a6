using System.Diagnostics;
using System.Globalization;
using Microsoft.Data.Sqlite;
using Microsoft.Playwright;
using Signalbox.EndToEnd.Tests;

namespace Signalbox.WebConsole.Tests.Registrations;

/// <summary>
/// Run by hand, because it writes some GB: <c>-explicit only -class '*RegistrationScaleTests'</c>. Prints the figures of
/// docs/performance.md.
/// </summary>
public sealed class RegistrationScaleTests(RunningConsole console)
{
    private const int Rounds = 5;

    private static readonly string[] _tabs = ["", "/tracing", "/tracing?status=Error&code=503", "/journal", "/journal?at=start", "/replay"];

    [Fact(Explicit = true)]
    public async Task A_registration_with_a_million_deliveries_opens_as_fast_as_one_with_ten()
    {
        var type = await PublishedType.CreateAsync(console.Client);
        await using var hook = await WebhookListener.StartAsync();
        await using var small = await type.RegisterWebhookAsync(hook);
        await using var full = await type.RegisterWebhookAsync(hook);
        await using var large = await type.RegisterWebhookAsync(hook);
        await FillAsync(KeyOf(small), type, first: 500_000_000, rows: 10);
        // As many rows on each page as with a million, so that only what lies behind them differs.
        await FillAsync(KeyOf(full), type, first: 550_000_000, rows: 400);
        await FillAsync(KeyOf(large), type, first: 600_000_000, rows: 1_000_000);
        await using var page = await console.OpenAsync(console.Url);

        var output = TestContext.Current.TestOutputHelper!;
        foreach (var tab in _tabs)
        {
            var (few, some, many) = (new List<double>(), new List<double>(), new List<double>());
            for (var round = 0; round <= Rounds; round++)
            {
                few.Add(await MeasureAsync(page, small, tab));
                some.Add(await MeasureAsync(page, full, tab));
                many.Add(await MeasureAsync(page, large, tab));
            }

            // The first of each is a warm-up.
            var (ten, page400, million) = (Median(few.Skip(1)), Median(some.Skip(1)), Median(many.Skip(1)));
            output.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"{(tab.Length == 0 ? "/" : tab),-32} 10: {ten,7:N1} ms   400: {page400,7:N1} ms   1,000,000: {million,7:N1} ms   ratio to 10 {million / ten:N2}, to 400 {million / page400:N2}"));
            Assert.True(million < (2 * ten) + 50, $"{tab}: {million} ms with a million, {ten} ms with ten");
        }
    }

    private static long KeyOf(EndToEnd.Tests.Registration registration) => registration.Created["id"]!.GetValue<long>();

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(Rounds / 2);

    /// <summary>From the navigation to the page that answers clicks.</summary>
    private async Task<double> MeasureAsync(ConsolePage page, EndToEnd.Tests.Registration registration, string tab)
    {
        var clock = Stopwatch.StartNew();
        await page.GoToAsync(console.WorkspaceUrl($"registrations/{registration.Id}{tab}"));
        await Assertions.Expect(page.Page.GetByRole(AriaRole.Navigation, new() { Name = "Registration", Exact = true })).ToBeVisibleAsync();
        return clock.Elapsed.TotalMilliseconds;
    }

    /// <summary>As many of each kind as there would be rows if nothing were ever pruned, the newest a minute old.</summary>
    private async Task FillAsync(long key, PublishedType type, long first, int rows)
    {
        await using var connection = new SqliteConnection($"Data Source={Path.Combine(console.Server.DataDirectory, "signalbox.db")};Default Timeout=120");
        await connection.OpenAsync();
        var numbers = "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < $rows)";
        var at = "($now - 60000 - ($rows - i) * 100)";
        foreach (var sql in new[]
        {
            $$$"""
            {{{numbers}}} INSERT INTO events (event_seq, event_id, provider_id, event_code, payload, received_at)
            SELECT $first + i, printf('%08x-0000-4000-8000-%012x', $first, i), $provider, $code,
              CAST('{"specversion":"1.0","id":"' || i || '","source":"urn:uuid:' || $provider || '","type":"' || $code || '","data":{"n":' || i || '}}' AS BLOB), {{{at}}} FROM n
            """,
            $"{numbers} INSERT INTO journal (registration_key, event_seq, received_at) SELECT $key, $first + i, {at} FROM n",
            $"{numbers} INSERT INTO deliveries (registration_key, event_seq, next_attempt_at) SELECT $key, $first + i, $now + 86400000 FROM n",
            $$$"""
            {{{numbers}}} INSERT INTO traces (trace_key, registration_key, delivery_id, event_code, provider, code, retry_count, duration_ms, is_success, attempted_at, document)
            SELECT ({{{at}}} << 20) + $key, $key, 'delivery-' || i, $code, 'shop', CASE i % 3 WHEN 0 THEN 503 ELSE 200 END, i % 4, i % 5000, i % 3 <> 0, {{{at}}}, zeroblob(1024) FROM n
            """,
            $$$"""
            {{{numbers}}} INSERT INTO dead_letters (dead_letter_key, registration_key, event_seq, reason, last_code, attempts, dead_at)
            SELECT ({{{at}}} << 20) + $key, $key, $first + i, CASE i % 2 WHEN 0 THEN 'retries_exhausted' ELSE 'endpoint_rejected' END, 400, 1, {{{at}}} FROM n
            """,
        })
        {
            await using var command = connection.CreateCommand();
            command.CommandText = sql;
            command.CommandTimeout = 300;
            command.Parameters.AddWithValue("$rows", rows);
            command.Parameters.AddWithValue("$first", first);
            command.Parameters.AddWithValue("$key", key);
            command.Parameters.AddWithValue("$now", DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
            command.Parameters.AddWithValue("$provider", type.ProviderId);
            command.Parameters.AddWithValue("$code", type.EventCode);
            await command.ExecuteNonQueryAsync();
        }
    }
}
