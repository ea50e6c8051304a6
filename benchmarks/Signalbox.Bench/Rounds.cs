namespace Signalbox.Bench;

/// <summary>Measures two sides in turn, so that a machine whose speed drifts slows both.</summary>
internal static class Rounds
{
    private const int Count = 3;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(5);

    /// <summary>One warm-up of each side, then three rounds; the medians are compared.</summary>
    public static async Task<BenchResult> CompareAsync(
        string name, string unit, double goal, Func<TimeSpan, Task<double>> measured, Func<TimeSpan, Task<double>> reference)
    {
        await measured(_warmUp);
        await reference(TimeSpan.FromSeconds(2));
        var values = new List<double>();
        var references = new List<double>();
        for (var round = 0; round < Count; round++)
        {
            values.Add(await measured(_round));
            references.Add(await reference(_round));
        }

        return new BenchResult(name, Median(values), Median(references), unit, goal, MoreIsBetter: true);
    }

    public static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
