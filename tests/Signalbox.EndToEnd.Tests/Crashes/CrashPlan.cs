using System.Globalization;
using Signalbox.Storage.Faults;

namespace Signalbox.EndToEnd.Tests.Crashes;

/// <summary>
/// Where the server is killed, one start after the other. The short form visits every failpoint once; the long form, by
/// <c>scripts/crash-suite</c>, so many times in a random order. The seed decides everything that is random.
/// </summary>
internal sealed class CrashPlan
{
    private readonly Random _random;

    private CrashPlan(int seed, int rounds) => (Seed, Rounds, _random) = (seed, rounds, new Random(seed));

    /// <summary>Set it by <c>SIGNALBOX_SEED</c> to repeat a run.</summary>
    public int Seed { get; }

    /// <summary>How many times each failpoint is visited; <c>SIGNALBOX_CRASH_ROUNDS</c>.</summary>
    public int Rounds { get; }

    public static CrashPlan Read() => new(Number("SIGNALBOX_SEED", 20_260_101), Number("SIGNALBOX_CRASH_ROUNDS", 1));

    /// <summary>What each start of the server is armed with.</summary>
    /// <param name="count">The short form takes only so many.</param>
    public IEnumerable<string> Kills(int count = int.MaxValue) =>
        Enumerable.Range(0, Rounds).SelectMany(round => Shuffled().Take(Rounds > 1 ? int.MaxValue : count));

    /// <summary>How far the clock jumps before a start: mostly not at all, sometimes an hour ahead or back.</summary>
    public TimeSpan NextJump() => _random.Next(4) switch
    {
        0 => TimeSpan.FromHours(1),
        1 => TimeSpan.FromHours(-1),
        _ => TimeSpan.Zero,
    };

    private string[] Shuffled()
    {
        string[] names = [.. Failpoint.All];
        _random.Shuffle(names);
        return [.. names.Select(name => string.Create(CultureInfo.InvariantCulture, $"{name}=kill@{PassOf(name)}"))];
    }

    /// <summary>
    /// Commits are many already while the server starts. Replays are few: their steps come with each move of the clock, as do
    /// the retries that they make room for.
    /// </summary>
    private int PassOf(string name) =>
        name.StartsWith("commit.", StringComparison.Ordinal) ? _random.Next(1, 60)
        : name.StartsWith("replay.", StringComparison.Ordinal) ? 1
        : _random.Next(1, 4);

    private static int Number(string variable, int otherwise) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), CultureInfo.InvariantCulture, out var number) ? number : otherwise;
}
