namespace Signalbox.Identity.Credentials;

/// <summary>A credential that was just made.</summary>
/// <param name="Credential">The credential.</param>
/// <param name="ClientSecret">Its first secret, in the clear: shown once, never logged.</param>
public sealed record NewCredential(Credential Credential, string ClientSecret)
{
    public override string ToString() => $"{nameof(NewCredential)} {Credential.Id}";
}
