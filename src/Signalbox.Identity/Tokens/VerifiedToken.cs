namespace Signalbox.Identity.Tokens;

/// <summary>What a valid access token says.</summary>
public sealed record VerifiedToken
{
    /// <summary>The client that the token was issued to; not necessarily the one that a call names as its API key.</summary>
    public required ClientId ClientId { get; init; }

    /// <summary>The organization that the token acts for.</summary>
    public required string ImsOrgId { get; init; }

    /// <summary>The (technical) user that the token acts as.</summary>
    public required string UserId { get; init; }

    public required IReadOnlyList<string> Scopes { get; init; }

    /// <summary>The first moment at which it is refused.</summary>
    public required DateTimeOffset ExpiresAt { get; init; }
}
