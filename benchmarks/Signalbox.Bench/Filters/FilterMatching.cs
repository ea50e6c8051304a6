using System.Globalization;
using Signalbox.Filtering;

namespace Signalbox.Bench.Filters;

/// <summary>
/// Matches events against 10,000 filters of one sort on one core, each event satisfying the filter of its own lot; rates are by the thread's processor time. The
/// reference is the rate to reach, because there is no other matcher on this platform to compare with.
/// </summary>
internal sealed class FilterMatching(string sort, double goalPerSecond, Func<int, string> filter) : IBenchmark
{
    public const int Filters = 10_000;

    private static readonly TimeSpan _round = TimeSpan.FromSeconds(1);
    private const int RoundsCount = 3;
    private const int EventsBetweenLooks = 500;

    public string Name => "filter-" + sort;

    public string Description => $"events/s that one core matches against {Filters:N0} filters ({sort}), to {goalPerSecond:N0}";

    public bool NeedsServer => false;

    public static IEnumerable<IBenchmark> All =>
    [
        new FilterMatching("exact", 250_000, lot => $$$"""{"properties":{"MAPBLKLOT":["{{{new CityLot(lot).MapBlockLot}}}"]}}"""),
        new FilterMatching("prefix", 200_000, lot => $$$"""{"properties":{"STREET":[{"prefix":"{{{new CityLot(lot).Street[..8]}}}"}]}}"""),
        new FilterMatching("suffix", 200_000, lot => $$$"""{"properties":{"STREET":[{"suffix":"{{{new CityLot(lot).Street[^8..]}}}"}]}}"""),
        new FilterMatching("equals-ignore-case", 200_000, lot => $$$"""{"properties":{"STREET":[{"equals-ignore-case":"{{{Lower(new CityLot(lot).Street)}}}"}]}}"""),
        new FilterMatching("numeric", 150_000, lot => Invariant($$$"""{"geometry":{"area":[{"numeric":[">=",{{{lot}}},"<",{{{lot + 1}}}]}]}}""")),
        new FilterMatching("anything-but", 120_000, lot => $$$"""{"properties":{"MAPBLKLOT":["{{{new CityLot(lot).MapBlockLot}}}"],"STREET":[{"anything-but":["FULTON","GEARY"]}]}}"""),
        new FilterMatching("arrays", 50_000, lot => Invariant($$$$"""{"geometry":{"coordinates":{"x":[{"numeric":["=",{{{{CityLot.X(lot, 3)}}}}]}],"y":[{"numeric":["=",{{{{CityLot.Y(lot, 3)}}}}]}]}}}""")),
        new FilterScale(),
    ];

    public Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var index = Index(Filters, filter);
        var rate = Rate(index, expectedMatches: 1, cancellationToken);
        return Task.FromResult(new BenchResult(Name, rate, goalPerSecond, "events/s", 1, MoreIsBetter: true));
    }

    public static FilterIndex<int> Index(int count, Func<int, string> filter)
    {
        var index = new FilterIndex<int>();
        for (var lot = 0; lot < count; lot++)
        {
            index.Set(lot, EventFilter.Parse(filter(lot)).Filter ?? throw new InvalidOperationException($"Filter {lot} is none."));
        }

        return index;
    }

    /// <summary>Events in a second of one thread's processor time: the median of three rounds after a warm-up.</summary>
    /// <param name="expectedMatches">Filters that each event satisfies, as a check; null: not checked.</param>
    public static double Rate(FilterIndex<int> index, int? expectedMatches, CancellationToken cancellationToken)
    {
        var events = Enumerable.Range(0, Filters).Select(lot => new CityLot(lot).ToEvent()).ToArray();
        Round(index, events, expectedMatches, TimeSpan.FromSeconds(1), cancellationToken);
        return Rounds.Median([.. Enumerable.Range(0, RoundsCount).Select(_ => Round(index, events, expectedMatches, _round, cancellationToken))]);
    }

    private static double Round(FilterIndex<int> index, byte[][] events, int? expectedMatches, TimeSpan duration, CancellationToken cancellationToken)
    {
        var matches = new List<int>(16);
        var matched = 0L;
        var at = 0;
        var start = ThreadClock.Now;
        while (ThreadClock.Now - start < duration)
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < EventsBetweenLooks; i++)
            {
                matches.Clear();
                index.TryMatch(events[at++ % events.Length], matches);
                matched += matches.Count;
            }
        }

        return expectedMatches is { } expected && matched != (long)at * expected
            ? throw new InvalidOperationException($"{at} events gave {matched} matches instead of {(long)at * expected}.")
            : at / (ThreadClock.Now - start).TotalSeconds;
    }

    private static string Invariant(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);

#pragma warning disable CA1308 // The other case is what is measured.
    private static string Lower(string text) => text.ToLowerInvariant();
#pragma warning restore CA1308
}
