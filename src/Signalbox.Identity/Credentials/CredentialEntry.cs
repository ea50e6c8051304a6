namespace Signalbox.Identity.Credentials;

/// <summary>A credential as it is shown.</summary>
public sealed record CredentialEntry
{
    public required Credential Credential { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Newest first; at least one.</summary>
    public required IReadOnlyList<ClientSecretEntry> Secrets { get; init; }
}
