namespace Signalbox.Identity;

/// <summary>An OAuth server-to-server credential of a workspace. Its secrets are asked for separately.</summary>
public sealed record Credential
{
    public required CredentialId Id { get; init; }

    public required ClientId ClientId { get; init; }

    public required string Name { get; init; }

    /// <summary>The user that the credential's tokens act as: <c>&lt;24 hex&gt;@techacct.adobe.com</c>.</summary>
    public required string TechnicalAccountId { get; init; }

    /// <summary>That user's mail address, which reaches nobody.</summary>
    public required string TechnicalAccountEmail { get; init; }

    public required Workspace Workspace { get; init; }
}
