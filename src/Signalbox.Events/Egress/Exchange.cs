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

    /// <summary>This server had no place to look its name up, or could not run the action that it reached: the failure says nothing of the target.</summary>
    public bool IsOurFault { get; init; }

    /// <summary>Why no answer came, in one line; null when one did, whatever it says.</summary>
    public string? FailureReason { get; init; }

    /// <summary>What became of the request, as the end of a sentence.</summary>
    public string Told => FailureReason is null ? $"was answered {Code}" : $"got no answer ({Code}: {FailureReason.TrimEnd('.')})";

    public IReadOnlyList<KeyValuePair<string, IReadOnlyList<string>>> ResponseHeaders { get; init; } = [];

    /// <summary>The activation that the request led to, when it reached an action.</summary>
    public string? ActivationId => Header("x-openwhisk-activation-id");

    /// <summary>The first value of a header of the response; null when there is none.</summary>
    public string? Header(string name) =>
        ResponseHeaders.FirstOrDefault(header => header.Key == name).Value is [var first, ..] ? first : null;

    /// <summary>What was read of the body, or the explanation that stands for it.</summary>
    public required ReadOnlyMemory<byte> ResponseBody { get; init; }
}
