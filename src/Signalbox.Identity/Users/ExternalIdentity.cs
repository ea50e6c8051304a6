namespace Signalbox.Identity.Users;

/// <summary>Whom an OpenID Connect provider vouches for.</summary>
public sealed record ExternalIdentity
{
    public required string Issuer { get; init; }

    /// <summary>The issuer's own, never reused name of the user.</summary>
    public required string Subject { get; init; }

    /// <summary>Set only when the issuer says that it is verified.</summary>
    public string? VerifiedEmail { get; init; }

    public string? Name { get; init; }

    /// <summary>From the role claim; null when it grants none.</summary>
    public UserRole? Role { get; init; }
}
