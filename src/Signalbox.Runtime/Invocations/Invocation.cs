using System.Runtime.CompilerServices;
using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;

namespace Signalbox.Runtime.Invocations;

/// <summary>One run that is asked for.</summary>
internal sealed record Invocation
{
    /// <summary>On whose behalf; the activation is stored there.</summary>
    public required NamespaceIdentity Caller { get; init; }

    public required ResolvedAction Action { get; init; }

    /// <summary>JSON in UTF-8: an object, or (between components of a sequence) an array.</summary>
    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required string TransactionId { get; init; }

    /// <summary>The caller's W3C trace context, for when this server traces nothing itself; or null.</summary>
    public string? TraceParent { get; init; }

    /// <summary>The activation id of the enclosing sequence; null at the top.</summary>
    public string? Cause { get; init; }

    public string ActivationId { get; init; } = Activation.NewId();

    /// <summary>When it was asked for, milliseconds since the epoch.</summary>
    public required long RequestedMs { get; init; }

    /// <summary>The caller waits for the answer, so that the record of a success may be left out by setting.</summary>
    public bool IsBlocking { get; init; }

    /// <summary>The caller asked for a record whatever the setting says (<c>X-OW-EXTRA-LOGGING: on</c>).</summary>
    public bool AlwaysStore { get; init; }

    /// <summary>How many sequences enclose this one.</summary>
    public int Depth { get; init; }

    /// <summary>Atomic actions that the outermost sequence may still run; null outside of sequences.</summary>
    public StrongBox<int>? SequenceBudget { get; init; }
}
