using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Measures two sides in turn, so that a machine whose speed drifts slows both.</summary>
internal static class Rounds
{
    private const int Count = 3;
    private const int PairCount = 7;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _pairRound = TimeSpan.FromSeconds(2);

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

    /// <summary>
    /// Many short rounds of both sides by turns; the round whose ratio is the median stands for all. Both sides of a round
    /// see the same machine, which the medians of the sides need not.
    /// </summary>
    public static async Task<BenchResult> CompareInPairsAsync(
        string name, string unit, double goal, Func<TimeSpan, Task<double>> measured, Func<TimeSpan, Task<double>> reference)
    {
        var pairs = new List<BenchResult>();
        for (var round = 0; round < PairCount; round++)
        {
            pairs.Add(new BenchResult(name, await measured(_pairRound), await reference(_pairRound), unit, goal, MoreIsBetter: true));
        }

        await Console.Error.WriteLineAsync("  ratios: " + string.Join(", ", pairs.Select(pair => pair.Ratio.ToString("N2", CultureInfo.InvariantCulture))));
        return pairs.OrderBy(pair => pair.Ratio).ElementAt(PairCount / 2);
    }

    public static double Median(IReadOnlyList<double> values) => values.Order().ElementAt(values.Count / 2);
}
