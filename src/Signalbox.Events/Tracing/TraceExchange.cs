namespace Signalbox.Events.Tracing;

/// <summary>What a traced request sent and what came back. Bodies are cut at 64 KB, challenges are masked.</summary>
public sealed record TraceExchange
{
    public required string DeliveryId { get; init; }

    public required string RequestUrl { get; init; }

    public required string RequestMethod { get; init; }

    public string? ContentType { get; init; }

    public required string RequestBody { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> RequestHeaders { get; init; }

    /// <summary>The HTTP status, or a 6xx code.</summary>
    public required int ResponseCode { get; init; }

    public required string ResponseBody { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> ResponseHeaders { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>The service's ids of the events that it carried; a probe has none.</summary>
    public required IReadOnlyList<Guid> EventIds { get; init; }

    /// <summary>Activations that the response names: the one that failed, or the action's own, then the handler's.</summary>
    public required IReadOnlyList<string> ActivationIds { get; init; }
}
