using System.Globalization;

namespace Signalbox.Bench;

internal static class Table
{
    public static string Of(IEnumerable<BenchResult> results) => string.Join('\n', [
        $"{"benchmark",-26}{"value",12}{"reference",12}  {"unit",-12}{"ratio",8}  goal",
        .. results.Select(r => string.Create(
            CultureInfo.InvariantCulture,
            $"{r.Name,-26}{r.Value,12:N1}{r.Reference,12:N1}  {r.Unit,-12}{r.Ratio,8:N3}  {(r.MoreIsBetter ? ">=" : "<=")} {r.Goal:0.##} {(r.ReachesGoal ? "reached" : "missed")}")),
    ]);
}
