namespace Signalbox.Bench;

/// <summary>One line of the table.</summary>
/// <param name="Name">The benchmark.</param>
/// <param name="Value">What Signalbox reached, in <paramref name="Unit"/>.</param>
/// <param name="Reference">What the reference reached in the same run, in the same unit.</param>
/// <param name="Unit">Such as <c>requests/s</c>.</param>
/// <param name="Goal">The ratio to reach.</param>
/// <param name="MoreIsBetter">False when a smaller ratio is the better one.</param>
internal sealed record BenchResult(string Name, double Value, double Reference, string Unit, double Goal, bool MoreIsBetter)
{
    public double Ratio => Value / Reference;

    public bool ReachesGoal => MoreIsBetter ? Ratio >= Goal : Ratio <= Goal;
}
