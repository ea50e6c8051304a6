using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.ClientCertificates;

/// <summary>A certificate ready to be presented, with its intermediates.</summary>
internal sealed record ClientIdentity
{
    public required SslStreamCertificateContext Context { get; init; }

    public static ClientIdentity Of(KeptCertificate certificate) =>
        Of(X509Certificate2.CreateFromPem(certificate.Certificate, certificate.PrivateKey), []);

    /// <summary>Reads the operator's files.</summary>
    /// <exception cref="FormatException">They cannot be used; the message says which and why.</exception>
    public static ClientIdentity Read(ClientCertificateOptions options)
    {
        try
        {
            if (options.KeyFile is null && !File.ReadAllText(options.File!).Contains("-----BEGIN ", StringComparison.Ordinal))
            {
                var all = X509CertificateLoader.LoadPkcs12CollectionFromFile(options.File!, options.Password);
                var own = all.FirstOrDefault(certificate => certificate.HasPrivateKey)
                    ?? throw new FormatException($"Events:ClientCertificate:File '{options.File}' has no private key.");
                return Of(own, [.. all.Where(certificate => certificate != own)]);
            }

            var keyFile = options.KeyFile ?? options.File;
            var leaf = options.Password is { Length: > 0 }
                ? X509Certificate2.CreateFromEncryptedPemFile(options.File!, options.Password, keyFile)
                : X509Certificate2.CreateFromPemFile(options.File!, keyFile);
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(options.File!);
            return Of(leaf, [.. chain.Where(certificate => certificate.Thumbprint != leaf.Thumbprint)]);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or CryptographicException or ArgumentException)
        {
            var keyFile = options.KeyFile is { } file ? $" with Events:ClientCertificate:KeyFile '{file}'" : "";
            throw new FormatException($"Events:ClientCertificate:File '{options.File}'{keyFile} cannot be used: {exception.Message}");
        }
    }

    private static ClientIdentity Of(X509Certificate2 leaf, X509Certificate2[] intermediates) => new()
    {
        Context = SslStreamCertificateContext.Create(leaf, [.. intermediates], offline: true),
    };
}
