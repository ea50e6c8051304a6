namespace Signalbox.Runtime.Limits;

/// <summary>A namespace's limits, and what it uses of them on this node now (OpenWhisk behaviour, section 7).</summary>
public sealed record NamespaceUsage
{
    /// <summary>Asked for in the present wall-clock minute, refused ones too.</summary>
    public required int InvocationsThisMinute { get; init; }

    public required int InvocationsPerMinuteMax { get; init; }

    public required int InFlight { get; init; }

    public required int InFlightMax { get; init; }

    public required TimeSpan TimeoutMax { get; init; }

    /// <summary>Megabytes.</summary>
    public required int MemoryMbMin { get; init; }

    public required int MemoryMbMax { get; init; }

    public required int LogsMbMax { get; init; }

    public required int ConcurrencyMax { get; init; }

    public required int CodeBytesMax { get; init; }

    public required int PayloadBytesMax { get; init; }

    public required int SequenceLengthMax { get; init; }

    public required TimeSpan ActivationRetention { get; init; }
}
