namespace Signalbox.Events.Challenges;

/// <summary>One request of a challenge, and what came back.</summary>
public sealed record ChallengeProbe
{
    /// <summary>When it was sent.</summary>
    public required DateTimeOffset At { get; init; }

    public required string Method { get; init; }

    /// <summary>With the challenge masked.</summary>
    public required string Url { get; init; }

    /// <summary>What was sent, with the challenge masked; empty for a GET.</summary>
    public required string RequestBody { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> RequestHeaders { get; init; }

    /// <summary>The HTTP status, or 601, 602, 604 or 611 when there was none (events behaviour, section 11).</summary>
    public required int Code { get; init; }

    public required string ResponseBody { get; init; }

    public required IReadOnlyList<KeyValuePair<string, string>> ResponseHeaders { get; init; }

    public required TimeSpan Duration { get; init; }

    /// <summary>The answer's media type, without parameters; empty when it had none.</summary>
    public string ContentType =>
        ResponseHeaders.FirstOrDefault(h => h.Key.Equals("content-type", StringComparison.OrdinalIgnoreCase)).Value?.Split(';')[0].Trim() ?? "";
}
