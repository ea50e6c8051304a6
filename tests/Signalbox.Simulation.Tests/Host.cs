using Signalbox.Events.Delivery;

namespace Signalbox.Simulation.Tests;

/// <summary>One process: its continuations, its attempts and its timers run on the world's thread until it is killed.</summary>
internal sealed class Host(World world, string name) : SynchronizationContext, IAttemptThreads
{
    public string Name { get; } = name;

    /// <summary>Killed: whatever it still had to do does not happen.</summary>
    public bool IsDead { get; set; }

    public override void Post(SendOrPostCallback d, object? state) => world.Post(this, () => d(state));

    public override void Send(SendOrPostCallback d, object? state) => throw new NotSupportedException("Nothing in a simulation waits for another thread.");

    public override SynchronizationContext CreateCopy() => this;

    public void Start(IThreadPoolWorkItem attempt) => world.Post(this, attempt.Execute);
}
