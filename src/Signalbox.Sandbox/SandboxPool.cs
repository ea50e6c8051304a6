namespace Signalbox.Sandbox;

/// <summary>Runs actions in sandboxed processes: finds or starts one, loads the code once, and hands over activations.</summary>
public sealed class SandboxPool : IAsyncDisposable
{
    /// <summary>The kinds that this machine can run; never empty when actions can run at all.</summary>
    public IReadOnlyList<SandboxKind> Kinds => throw new NotImplementedException();

    /// <summary>
    /// Runs one activation to its end. Never throws for what an action does; see <see cref="SandboxStatus"/>.
    /// Cancelling abandons the wait for a place; a run that has begun goes on to its own end.
    /// </summary>
    public Task<SandboxOutcome> RunAsync(
        SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken) =>
        throw new NotImplementedException();

    /// <summary>No new activation will come for this id (updated or deleted): its processes end when they fall idle.</summary>
    public void Retire(string actionId) => throw new NotImplementedException();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}
