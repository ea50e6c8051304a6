namespace Signalbox.Simulation.Tests;

/// <summary>A rule was broken; the message tells how, and how to see it again.</summary>
internal sealed class SimulationFailure(World world, Rule rule, string what) : Exception(
    $"{rule}: {what}\nReplay it with SIGNALBOX_SEED={world.Seed}. What happened before:\n{world.Story}")
{
    public Rule Rule { get; } = rule;
}
