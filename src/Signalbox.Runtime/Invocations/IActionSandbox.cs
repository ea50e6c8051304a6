using Signalbox.Sandbox;

namespace Signalbox.Runtime.Invocations;

/// <summary>What this room needs of the sandbox room; tests put a stand-in here to bring about each kind of outcome.</summary>
internal interface IActionSandbox
{
    /// <summary>The kinds that the sandboxes know; not each can be run on this machine.</summary>
    IReadOnlyList<SandboxKind> Kinds { get; }

    /// <inheritdoc cref="SandboxPool.Prepare"/>
    void Prepare(string kind);

    /// <inheritdoc cref="SandboxPool.RunAsync"/>
    Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken);

    /// <inheritdoc cref="SandboxPool.Retire"/>
    void Retire(string actionId);
}

/// <summary>The real sandboxes.</summary>
internal sealed class PooledActionSandbox(SandboxPool pool) : IActionSandbox
{
    public IReadOnlyList<SandboxKind> Kinds => pool.Kinds;

    public void Prepare(string kind) => pool.Prepare(kind);

    public Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken) =>
        pool.RunAsync(action, request, cancellationToken);

    public void Retire(string actionId) => pool.Retire(actionId);
}
