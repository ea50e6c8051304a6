using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.Egress;

/// <summary>The authorities of <see cref="EventsOptions.TrustedAuthorities"/>, trusted besides those of the system.</summary>
internal sealed class TrustedAuthorities
{
    private readonly X509Certificate2Collection _authorities = [];

    /// <exception cref="FormatException">The file cannot be used; the message says why.</exception>
    public TrustedAuthorities(EventsOptions options)
    {
        if (options.TrustedAuthorities is not { Length: > 0 } file)
        {
            return;
        }

        try
        {
            _authorities.ImportFromPemFile(file);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException)
        {
            throw new FormatException($"Events:TrustedAuthorities '{file}' cannot be used: {exception.Message}");
        }

        if (_authorities.Count == 0)
        {
            throw new FormatException($"Events:TrustedAuthorities '{file}' has no certificate in PEM.");
        }
    }

    /// <summary>Judges an endpoint's certificate; null when the system's judgement stands.</summary>
    public RemoteCertificateValidationCallback? Judge => _authorities.Count == 0 ? null : IsTrusted;

    private bool IsTrusted(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors != SslPolicyErrors.RemoteCertificateChainErrors || certificate is not X509Certificate2 leaf)
        {
            return errors == SslPolicyErrors.None;
        }

        using var own = new X509Chain();
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        own.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        return own.Build(leaf);
    }
}
