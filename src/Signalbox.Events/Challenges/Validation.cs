namespace Signalbox.Events.Challenges;

/// <summary>An asynchronous challenge: a validation URL that was posted to a webhook.</summary>
internal sealed record Validation
{
    public required long RegistrationKey { get; init; }

    /// <summary>The webhook that it proves; an edit of the URL makes it worthless.</summary>
    public required Uri Webhook { get; init; }

    /// <summary>SHA-256 of the challenge in the validation URL, in hex.</summary>
    public required string ChallengeHash { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }

    /// <summary>When the validation URL was opened in time; null: not yet.</summary>
    public DateTimeOffset? ValidatedAt { get; init; }
}
