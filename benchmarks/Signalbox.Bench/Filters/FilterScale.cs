namespace Signalbox.Bench.Filters;

/// <summary>What 10,000 filters cost an event more than ten, with one event of the shape of the others' benchmarks.</summary>
internal sealed class FilterScale : IBenchmark
{
    private const int Few = 10;
    private const double NanosecondsPerSecond = 1e9;

    public string Name => "filter-scale";

    public string Description => $"ns/event with {FilterMatching.Filters:N0} filters of five sorts, to the same with {Few}";

    public bool NeedsServer => false;

    public Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var many = FilterMatching.Rate(FilterMatching.Index(FilterMatching.Filters, Mixed), expectedMatches: 1, cancellationToken);
        var few = FilterMatching.Rate(FilterMatching.Index(Few, Mixed), expectedMatches: null, cancellationToken);
        return Task.FromResult(new BenchResult(Name, NanosecondsPerSecond / many, NanosecondsPerSecond / few, "ns/event", 1.5, MoreIsBetter: false));
    }

    private static string Mixed(int lot)
    {
        var own = new CityLot(lot);
        return (lot % 5) switch
        {
            0 => $$$"""{"properties":{"MAPBLKLOT":["{{{own.MapBlockLot}}}"]}}""",
            1 => $$$"""{"properties":{"STREET":[{"prefix":"{{{own.Street[..8]}}}"}]}}""",
            2 => $$$"""{"properties":{"STREET":[{"suffix":"{{{own.Street[^8..]}}}"}]}}""",
            3 => $$$"""{"properties":{"MAPBLKLOT":["{{{own.MapBlockLot}}}"],"ODD_EVEN":[{"anything-but":"X"}]}}""",
            _ => $$$"""{"geometry":{"area":[{"numeric":[">=",{{{lot}}},"<",{{{lot + 1}}}]}]}}""",
        };
    }
}
