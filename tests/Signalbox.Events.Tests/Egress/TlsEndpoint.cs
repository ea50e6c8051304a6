using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Signalbox.Events.Tests.Egress;

/// <summary>A TLS listener on loopback with a certificate of the test's choice, which answers every request with 204.</summary>
internal sealed class TlsEndpoint : IDisposable
{
    private static readonly DateTimeOffset _began = DateTimeOffset.UtcNow.AddDays(-100);
    private static readonly DateTimeOffset _ends = DateTimeOffset.UtcNow.AddDays(30);

    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _own;
    private readonly X509Certificate2Collection _sentAlong = [];

    /// <param name="name">What its certificate is for.</param>
    /// <param name="endsAt">When its certificate ends; null: later.</param>
    public TlsEndpoint(string name, DateTimeOffset? endsAt = null)
    {
        using var key = RSA.Create(2048);
        _own = Request(key, name).CreateSelfSigned(_began, endsAt ?? _ends);
        Start(_own);
    }

    /// <summary>Its certificate comes from an authority by way of an intermediate certificate.</summary>
    /// <param name="name">What its certificate is for.</param>
    /// <param name="issuersUrl">Where its certificate says that the intermediate one is to be had.</param>
    /// <param name="sendsIntermediate">Whether it sends the intermediate one along.</param>
    public TlsEndpoint(string name, string issuersUrl, bool sendsIntermediate)
    {
        using var rootKey = RSA.Create(2048);
        using var root = Authority(rootKey, "CN=root").CreateSelfSigned(_began, _ends);
        using var intermediateKey = RSA.Create(2048);
        using var intermediate = Authority(intermediateKey, "CN=intermediate").Create(root, _began, _ends, [2]);
        using var signing = intermediate.CopyWithPrivateKey(intermediateKey);
        using var key = RSA.Create(2048);
        var request = Request(key, name);
        request.CertificateExtensions.Add(new X509AuthorityInformationAccessExtension(ocspUris: null, caIssuersUris: [issuersUrl]));
        using var issued = request.Create(signing, _began, _ends, [3]);
        _own = issued.CopyWithPrivateKey(key);
        if (sendsIntermediate)
        {
            _sentAlong.Add(X509CertificateLoader.LoadCertificate(intermediate.RawData));
        }

        Start(root);
    }

    /// <summary>What a client must trust to call this endpoint.</summary>
    public string TrustFile { get; } = Path.GetTempFileName();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _own.Dispose();
        foreach (var certificate in _sentAlong)
        {
            certificate.Dispose();
        }

        File.Delete(TrustFile);
    }

    private static CertificateRequest Request(RSA key, string name)
    {
        var request = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        return request;
    }

    private static CertificateRequest Authority(RSA key, string subject)
    {
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(X509BasicConstraintsExtension.CreateForCertificateAuthority());
        return request;
    }

    private void Start(X509Certificate2 trusted)
    {
        File.WriteAllText(TrustFile, trusted.ExportCertificatePem());
        _listener.Start();
        _ = AcceptAsync();
    }

    private async Task AcceptAsync()
    {
        var context = SslStreamCertificateContext.Create(_own, _sentAlong, offline: true);
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var tls = new SslStream(client.GetStream());
                try
                {
                    await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificateContext = context });
                    await tls.ReadAtLeastAsync(new byte[4096], 1);
                    await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
                }
                catch (Exception exception) when (exception is IOException or AuthenticationException)
                {
                    // The client does not trust this listener, which is what most tests are about.
                }
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
        {
            // The test is over.
        }
    }
}
