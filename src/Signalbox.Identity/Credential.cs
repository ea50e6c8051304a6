namespace Signalbox.Identity;

/// <summary>An OAuth server-to-server credential of a workspace. Its secrets are asked for separately.</summary>
public sealed record Credential
{
    public required CredentialId Id { get; init; }

    public required ClientId ClientId { get; init; }

    public required string Name { get; init; }

    public required Workspace Workspace { get; init; }
}
