using System.Net.Security;
using System.Security.Authentication;
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

    /// <summary>
    /// By what a certificate is judged: what the endpoint sends and what this server has. A certificate may name an address
    /// where its issuer's is to be had; the runtime would ask there whatever the address is.
    /// </summary>
    public static X509ChainPolicy Policy() => new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck };

    /// <summary>Judges an endpoint's certificate.</summary>
    /// <returns>True.</returns>
    /// <exception cref="AuthenticationException">It is not trusted; the message says why.</exception>
    public bool Judge(object sender, X509Certificate? certificate, X509Chain? chain, SslPolicyErrors errors)
    {
        if (errors == SslPolicyErrors.None)
        {
            return true;
        }

        var host = (sender as SslStream)?.TargetHostName ?? "";
        var leaf = certificate as X509Certificate2;
        if (_authorities.Count == 0 || leaf is null || !errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors))
        {
            throw new AuthenticationException(CertificateObjection.Describe(host, errors, leaf, chain));
        }

        using var own = BuildOwn(leaf, chain, out var isTrusted);
        var left = isTrusted ? errors & ~SslPolicyErrors.RemoteCertificateChainErrors : errors;
        return left == SslPolicyErrors.None ? true : throw new AuthenticationException(CertificateObjection.Describe(host, left, leaf, own));
    }

    private X509Chain BuildOwn(X509Certificate2 leaf, X509Chain? chain, out bool isTrusted)
    {
        var own = new X509Chain { ChainPolicy = Policy() };
        own.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        own.ChainPolicy.CustomTrustStore.AddRange(_authorities);
        if (chain is not null)
        {
            own.ChainPolicy.ExtraStore.AddRange(chain.ChainPolicy.ExtraStore);
        }

        isTrusted = own.Build(leaf);
        return own;
    }
}
