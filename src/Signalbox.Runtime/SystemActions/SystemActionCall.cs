using Signalbox.Identity;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.SystemActions;

/// <summary>One call of a system action.</summary>
internal sealed record SystemActionCall
{
    /// <summary>The namespace on whose behalf it runs.</summary>
    public required NamespaceIdentity Caller { get; init; }

    /// <summary>The merged arguments: one JSON object in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Arguments { get; init; }

    /// <summary>Writes a line to the activation's log.</summary>
    public required Action<LogStream, string> Log { get; init; }

    /// <summary>Invokes another action as the caller, to its end; its activation has no cause.</summary>
    public required Func<EntityName, Func<Actions.ActionEntity, bool>, ReadOnlyMemory<byte>, CancellationToken, Task<Outcome<Activation>>> InvokeAsync
    {
        get;
        init;
    }
}

/// <summary>What a system action answers.</summary>
/// <param name="Json">The result, or (when <paramref name="IsError"/>) the value of its <c>error</c>.</param>
internal readonly record struct SystemActionResult(ReadOnlyMemory<byte> Json, bool IsError);
