namespace Signalbox.Simulation.Tests;

/// <summary>A rule was broken; the message tells how, and how to see it again.</summary>
internal sealed class SimulationFailure : Exception
{
    public SimulationFailure(World world, Rule rule, string what)
        : base($"{rule}: {what}\nReplay it with SIGNALBOX_SEED={world.Seed}. What happened before:\n{world.Story}")
    {
        Rule = rule;
        world.Failure ??= this;
    }

    public Rule Rule { get; }
}
