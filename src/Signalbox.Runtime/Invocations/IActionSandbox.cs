using Signalbox.Sandbox;

namespace Signalbox.Runtime.Invocations;

/// <summary>What this room needs of the sandbox room; tests put a stand-in here to bring about each kind of outcome.</summary>
internal interface IActionSandbox
{
    /// <summary>The kinds that this machine can run.</summary>
    IReadOnlyList<SandboxKind> Kinds { get; }

    /// <inheritdoc cref="SandboxPool.RunAsync"/>
    Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="SandboxPool.Retire"/>
    void Retire(string actionId);
}

/// <summary>The real sandboxes.</summary>
internal sealed class PooledActionSandbox(SandboxPool pool) : IActionSandbox
{
    public IReadOnlyList<SandboxKind> Kinds => pool.Kinds;

    public Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken) =>
        pool.RunAsync(action, request, cancellationToken);

    public void Retire(string actionId) => pool.Retire(actionId);
}
