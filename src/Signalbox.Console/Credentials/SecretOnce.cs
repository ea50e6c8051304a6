using Signalbox.Identity;

namespace Signalbox.WebConsole.Credentials;

/// <summary>Carries a new secret to the page that shows it, which takes it away: it is shown once. Lives as long as the user's circuit.</summary>
public sealed class SecretOnce
{
    private (CredentialId Credential, int Number, string Secret)? _kept;

    public void Put(CredentialId credential, int number, string secret) => _kept = (credential, number, secret);

    /// <summary>The secret that was put for this credential, or null; it is gone afterwards.</summary>
    public (int Number, string Secret)? Take(CredentialId credential)
    {
        var kept = _kept;
        _kept = null;
        return kept is { } found && found.Credential == credential ? (found.Number, found.Secret) : null;
    }
}
