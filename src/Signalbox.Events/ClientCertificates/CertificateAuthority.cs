using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.ClientCertificates;

/// <summary>Makes certificates. Pure, but for randomness.</summary>
internal static class CertificateAuthority
{
    private const string ClientAuthentication = "1.3.6.1.5.5.7.3.2";

    private const int SerialBytes = 16;

    private static readonly TimeSpan _authorityLifetime = TimeSpan.FromDays(20 * 365);

    /// <summary>Endpoints' clocks may be a little late.</summary>
    private static readonly TimeSpan _tolerance = TimeSpan.FromHours(1);

    public static KeptCertificate CreateAuthority(string name, DateTimeOffset now)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP384);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name} authority"), key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        using var certificate = request.CreateSelfSigned(now - _tolerance, now + _authorityLifetime);
        return Keep(certificate, key.ExportPkcs8PrivateKeyPem(), isAuthority: true, now);
    }

    public static KeptCertificate Issue(KeptCertificate authority, string name, DateTimeOffset now, TimeSpan lifetime, DateTimeOffset presentedFrom)
    {
        using var issuer = X509Certificate2.CreateFromPem(authority.Certificate, authority.PrivateKey);
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(new X500DistinguishedName($"CN={name}"), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(ClientAuthentication)], false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer, true, false));
        using var issuerKey = issuer.GetECDsaPrivateKey()!;
        using var certificate = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuerKey), now - _tolerance, now + lifetime, RandomNumberGenerator.GetBytes(SerialBytes));
        return Keep(certificate, key.ExportPkcs8PrivateKeyPem(), isAuthority: false, presentedFrom);
    }

    private static KeptCertificate Keep(X509Certificate2 certificate, string privateKey, bool isAuthority, DateTimeOffset presentedFrom) => new()
    {
        Id = Guid.NewGuid(),
        IsAuthority = isAuthority,
        Certificate = certificate.ExportCertificatePem(),
        PrivateKey = privateKey,
        PresentedFrom = DateTimeOffset.FromUnixTimeMilliseconds(presentedFrom.ToUnixTimeMilliseconds()),
        NotAfter = certificate.NotAfter.ToUniversalTime(),
    };
}
