namespace Signalbox.Identity.Credentials;

/// <summary>A client secret that was just made.</summary>
/// <param name="Number">Its number within the credential.</param>
/// <param name="ClientSecret">In the clear: shown once, never logged.</param>
public sealed record NewClientSecret(int Number, string ClientSecret)
{
    public override string ToString() => $"{nameof(NewClientSecret)} {Number}";
}
