namespace Signalbox.Events.Egress;

/// <summary>A request and what came back, or why nothing did.</summary>
internal sealed record Exchange
{
    public required OutgoingRequest Request { get; init; }

    public required DateTimeOffset StartedAt { get; init; }

    public required DateTimeOffset EndedAt { get; init; }

    /// <summary>The HTTP status, or 601, 602, 604 or 611.</summary>
    public required int Code { get; init; }

    /// <summary>There was no address that it was allowed to go to.</summary>
    public bool IsTargetRefused { get; init; }

    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> ResponseHeaders { get; init; } = [];

    /// <summary>What was read of the body, or the explanation that stands for it.</summary>
    public required ReadOnlyMemory<byte> ResponseBody { get; init; }
}
