using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Runtime.Activations;

/// <summary>The whole record of one run.</summary>
public sealed record ActivationRecord : ActivationSummary
{
    /// <summary>Begins with what its summary says.</summary>
    [SetsRequiredMembers]
    internal ActivationRecord(ActivationSummary summary)
        : base(summary) => (Result, Logs, Annotations) = ("", [], "");

    /// <summary>The result as JSON text.</summary>
    public required string Result { get; init; }

    /// <summary>Bytes; larger than <see cref="Result"/> when that was cut.</summary>
    public required int ResultSize { get; init; }

    /// <summary>What it printed, as clients see it: time, stream and text; for a sequence the ids of its components.</summary>
    public required IReadOnlyList<string> Logs { get; init; }

    /// <summary>The annotations as JSON text.</summary>
    public required string Annotations { get; init; }
}
