using System.ComponentModel;
using System.Diagnostics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.Tests.Egress;

/// <summary>OpenSSL's own TLS server, which asks for a client certificate and refuses each by an alert: the runtime's closes without one.</summary>
internal sealed class DistrustfulEndpoint : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
    private readonly Process _process;

    /// <param name="name">What its certificate is for.</param>
    /// <param name="protocol">As an option of <c>openssl s_server</c>, such as <c>tls1_3</c>.</param>
    public DistrustfulEndpoint(string name, string protocol)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(name);
        request.CertificateExtensions.Add(names.Build());
        using var own = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
        File.WriteAllText(TrustFile, own.ExportCertificatePem());
        var keyFile = Path.Combine(_folder, "key.pem");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
        _process = Start("s_server", "-accept", "127.0.0.1:0", "-cert", TrustFile, "-key", keyFile, "-CAfile", TrustFile, "-Verify", "2", "-verify_return_error", $"-{protocol}");
        while (Port == 0)
        {
            var line = _process.StandardOutput.ReadLine() ?? throw new InvalidOperationException(_process.StandardError.ReadToEnd());
            Port = line.StartsWith("ACCEPT ", StringComparison.Ordinal) ? int.Parse(line[(line.LastIndexOf(':') + 1)..], null) : 0;
        }
    }

    public static bool IsPossible { get; } = CanStart();

    /// <summary>What a client must trust to call this endpoint.</summary>
    public string TrustFile => Path.Combine(_folder, "endpoint.pem");

    public int Port { get; }

    public void Dispose()
    {
        _process.Kill();
        _process.WaitForExit();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static bool CanStart()
    {
        try
        {
            using var process = Start("version");
            process.WaitForExit();
            return process.ExitCode == 0;
        }
        catch (Win32Exception)
        {
            return false;
        }
    }

    private static Process Start(params string[] arguments) =>
        Process.Start(new ProcessStartInfo("openssl", arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
}
