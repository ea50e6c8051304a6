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
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly X509Certificate2 _own;

    /// <param name="name">What its certificate is for.</param>
    /// <param name="endsAt">When its certificate ends; null: later.</param>
    public TlsEndpoint(string name, DateTimeOffset? endsAt = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        _own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), endsAt ?? DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(TrustFile, _own.ExportCertificatePem());
        _listener.Start();
        _ = AcceptAsync();
    }

    /// <summary>What a client must trust to call this endpoint.</summary>
    public string TrustFile { get; } = Path.GetTempFileName();

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    public void Dispose()
    {
        _listener.Dispose();
        _own.Dispose();
        File.Delete(TrustFile);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                using var client = await _listener.AcceptTcpClientAsync();
                await using var tls = new SslStream(client.GetStream());
                try
                {
                    await tls.AuthenticateAsServerAsync(_own);
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
