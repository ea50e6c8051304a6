using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.Egress;
using Signalbox.Events.Tests.Delivery;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.ClientCertificates;

public sealed class ClientCertificateTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task An_authority_and_a_certificate_are_made_once_and_their_keys_are_not_readable(TestEngine engine)
    {
        await using var test = new TestDatabase(engine, EventsRoom.Migrations);
        using var certificates = Certificates(test);
        await certificates.LoadAsync(default);
        Assert.NotNull(await certificates.KeepAsync(default));
        using var afterRestart = Certificates(test);
        await afterRestart.LoadAsync(default);

        Assert.Null(await afterRestart.KeepAsync(default));
        Assert.Equal(certificates.ServedPem(), afterRestart.ServedPem());
        Assert.Single(afterRestart.Authorities);
        Assert.DoesNotContain("PRIVATE", afterRestart.ServedPem(), StringComparison.Ordinal);
        Assert.Equal(0, await test.Database.WriteAsync(s => s.ScalarPrepared<long>("SELECT COUNT(*) FROM client_certificates WHERE private_key LIKE '%PRIVATE%'")));
    }

    [Fact]
    public async Task The_certificate_is_one_for_clients_of_the_authority_for_13_months()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var certificates = Certificates(test);
        await certificates.KeepAsync(default);
        using var authority = X509Certificate2.CreateFromPem(certificates.Authorities[0].Certificate);
        using var certificate = X509Certificate2.CreateFromPem(certificates.Served[0].Certificate);

        Assert.True(IsOf(authority, certificate, test.Clock.GetUtcNow()));
        Assert.Equal("CN=signalbox-events", certificate.Subject);
        Assert.True(certificate.MatchesHostname("signalbox-events"));
        Assert.InRange((certificate.NotAfter.ToUniversalTime() - test.Clock.GetUtcNow()).TotalDays, 395, 397);
        Assert.False(certificate.Extensions.OfType<X509BasicConstraintsExtension>().Single().CertificateAuthority);
    }

    [Fact]
    public async Task Sixty_days_before_its_end_the_next_one_is_served_beside_it_and_presented_later()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var certificates = Certificates(test);
        var first = (await certificates.KeepAsync(default))!;
        var authority = certificates.Authorities[0];

        test.Clock.Advance(first.NotAfter - TimeSpan.FromDays(60) - test.Clock.GetUtcNow() - TimeSpan.FromMinutes(1));
        Assert.Null(await certificates.KeepAsync(default));
        test.Clock.Advance(TimeSpan.FromMinutes(1));
        var second = (await certificates.KeepAsync(default))!;
        Assert.Equal([first, second], certificates.Served);
        Assert.Equal(Thumbprint(first), PresentedThumbprint(certificates));

        test.Clock.Advance(TimeSpan.FromDays(30));
        Assert.Null(await certificates.KeepAsync(default));
        Assert.Equal(Thumbprint(second), PresentedThumbprint(certificates));
        Assert.Equal([first, second], certificates.Served);

        test.Clock.Advance(TimeSpan.FromDays(30));
        await certificates.KeepAsync(default);
        Assert.Equal([second], certificates.Served);
        Assert.Equal([authority], certificates.Authorities);
    }

    [Fact]
    public async Task A_renewal_at_once_withdraws_the_old_certificate()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var certificates = Certificates(test);
        await certificates.KeepAsync(default);

        var ahead = await certificates.RenewAsync(atOnce: false, default);
        Assert.Equal(2, certificates.Served.Count);
        Assert.NotEqual(Thumbprint(ahead), PresentedThumbprint(certificates));
        var atOnce = await certificates.RenewAsync(atOnce: true, default);

        Assert.Equal([atOnce], certificates.Served);
        Assert.Equal(Thumbprint(atOnce), PresentedThumbprint(certificates));
    }

    [Fact]
    public async Task An_endpoint_that_asks_gets_the_certificate_and_after_a_renewal_the_next_one()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        test.Clock.SetUtcNow(DateTimeOffset.UtcNow);
        using var certificates = Certificates(test);
        await certificates.KeepAsync(default);
        using var endpoint = new TlsListener();
        using var client = Client(certificates, endpoint.TrustFile);

        await SendAsync(client, endpoint);
        var first = PresentedThumbprint(certificates);
        await certificates.RenewAsync(atOnce: true, default);
        await SendAsync(client, endpoint);

        Assert.Equal([first, PresentedThumbprint(certificates)], endpoint.Presented);
    }

    [Fact]
    public async Task The_operators_own_certificate_takes_its_place_and_is_read_again_when_it_changes()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "client.pfx");
            var first = WritePfx(file);
            using var certificates = Certificates(test, new ClientCertificateOptions { File = file, Password = "secret" });
            await certificates.LoadAsync(default);
            Assert.Equal(first, PresentedThumbprint(certificates));

            var second = WritePfx(file);
            File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
            Assert.Null(await certificates.KeepAsync(default));

            Assert.Equal(second, PresentedThumbprint(certificates));
            Assert.Contains("BEGIN CERTIFICATE", certificates.ServedPem(), StringComparison.Ordinal);
            Assert.DoesNotContain("PRIVATE", certificates.ServedPem(), StringComparison.Ordinal);
            Assert.Throws<FormatException>(() => ClientIdentity.Read(new ClientCertificateOptions { File = file, Password = "wrong" }));
            Assert.Throws<FormatException>(() => ClientIdentity.Read(new ClientCertificateOptions { File = Path.Combine(folder, "none.pem") }));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_renewal_with_a_broken_file_of_the_operators_is_refused_by_its_name_and_the_certificate_stays()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
        try
        {
            var file = Path.Combine(folder, "client.pfx");
            var good = WritePfx(file);
            await using var server = await EventsServer.StartAsync(
                options: new EventsOptions { ClientCertificate = new ClientCertificateOptions { File = file, Password = "secret" } });
            foreach (var broken in (string?[])["not a certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", null])
            {
                await BreakAsync(file, broken);
                var (status, body, _) = await server.SendAsync(HttpMethod.Post, "/admin/certificates/renew");

                Assert.Equal(HttpStatusCode.Conflict, status);
                Assert.StartsWith($"Events:ClientCertificate:File '{file}' cannot be used: ", body.GetProperty("message").GetString(), StringComparison.Ordinal);
                Assert.EndsWith("Mend the file, or put a good one in its place, and renew again.", body.GetProperty("message").GetString(), StringComparison.Ordinal);
                Assert.Equal(good, PresentedThumbprint(server.Get<PresentedCertificates>()));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public void A_key_that_belongs_to_another_certificate_is_refused_by_both_files()
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-test-").FullName;
        try
        {
            using var key = RSA.Create(2048);
            using var other = RSA.Create(2048);
            using var certificate = new CertificateRequest("CN=operators", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
                .CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
            var options = new ClientCertificateOptions { File = Path.Combine(folder, "client.pem"), KeyFile = Path.Combine(folder, "key.pem") };
            File.WriteAllText(options.File, certificate.ExportCertificatePem());
            File.WriteAllText(options.KeyFile, other.ExportPkcs8PrivateKeyPem());

            var refused = Assert.Throws<FormatException>(() => ClientIdentity.Read(options));

            Assert.Contains($"'{options.File}' with Events:ClientCertificate:KeyFile '{options.KeyFile}' cannot be used", refused.Message, StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Fact]
    public async Task A_certificate_is_listed_as_presented_later_then_as_presented_then_as_replaced()
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        using var certificates = Certificates(test);
        await certificates.KeepAsync(default);
        await certificates.RenewAsync(atOnce: false, default);

        Assert.Equal([(true, false), (false, false)], certificates.List().Select(c => (c.IsPresented, c.IsReplaced)));
        test.Clock.Advance(TimeSpan.FromDays(30));
        await certificates.KeepAsync(default);

        Assert.Equal([(false, true), (true, false)], certificates.List().Select(c => (c.IsPresented, c.IsReplaced)));
        Assert.All(certificates.List(), c => Assert.Null(c.Warning));
    }

    [Theory, InlineData("7f00000000000001", "7F00000000000001"), InlineData("ff00000000000001", "FF00000000000001")]
    public async Task A_serial_is_written_as_openssl_writes_it(string serial, string expected)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var file = Path.GetTempFileName();
        try
        {
            WritePfx(file, serial: Convert.FromHexString(serial));
            using var certificates = Certificates(test, new ClientCertificateOptions { File = file, Password = "secret" });
            await certificates.LoadAsync(default);

            Assert.Equal(expected, Assert.Single(certificates.List()).Serial);
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Theory, InlineData(21, null), InlineData(19, "ends at "), InlineData(-1, "ended at ")]
    public async Task The_operator_is_warned_of_their_certificates_end_in_the_list_and_once_a_day_in_the_log(int daysLeft, string? expected)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        var file = Path.GetTempFileName();
        try
        {
            var endsAt = DateTimeOffset.UtcNow.AddDays(30);
            WritePfx(file, endsAt);
            test.Clock.SetUtcNow(endsAt.AddDays(-daysLeft));
            using var certificates = Certificates(test, new ClientCertificateOptions { File = file, Password = "secret" });
            var log = new LoggedWarnings();
            using var keeper = new CertificateKeeper(certificates, test.Clock, log);
            await keeper.StartAsync(default);
            await DeliveryEngine.UntilAsync(() => Task.FromResult(log.Warnings.Count == (expected is null ? 0 : 1)));
            test.Clock.Advance(TimeSpan.FromHours(1));
            await keeper.StopAsync(default);

            var warning = Assert.Single(certificates.List()).Warning;
            if (expected is null)
            {
                Assert.Null(warning);
                Assert.Empty(log.Warnings);
                return;
            }

            Assert.Equal(warning, Assert.Single(log.Warnings));
            Assert.Contains($"'{file}' {expected}", warning, StringComparison.Ordinal);
        }
        finally
        {
            File.Delete(file);
        }
    }

    private static PresentedCertificates Certificates(TestDatabase test, ClientCertificateOptions? options = null) => new(
        new CertificateStore(test.Database, test.Secrets), new EventsOptions { ClientCertificate = options ?? new() }, test.Clock);

    private static string Thumbprint(KeptCertificate kept)
    {
        using var certificate = X509Certificate2.CreateFromPem(kept.Certificate);
        return certificate.Thumbprint;
    }

    private static string PresentedThumbprint(PresentedCertificates certificates) => certificates.Presented!.Context.TargetCertificate.Thumbprint;

    private static bool IsOf(X509Certificate2 authority, X509Certificate2 certificate, DateTimeOffset at)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid("1.3.6.1.5.5.7.3.2"));
        return chain.Build(certificate);
    }

    private static string WritePfx(string file, DateTimeOffset? endsAt = null, byte[]? serial = null)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=operators", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using var certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForRSA(key, RSASignaturePadding.Pkcs1),
            DateTimeOffset.UtcNow.AddDays(-1), endsAt ?? DateTimeOffset.UtcNow.AddDays(30), serial ?? RandomNumberGenerator.GetBytes(8));
        using var withKey = certificate.CopyWithPrivateKey(key);
        File.WriteAllBytes(file, withKey.Export(X509ContentType.Pfx, "secret"));
        return certificate.Thumbprint;
    }

    private static async Task BreakAsync(string file, string? content)
    {
        if (content is null)
        {
            File.Delete(file);
            return;
        }

        await File.WriteAllTextAsync(file, content);
        File.SetLastWriteTimeUtc(file, DateTime.UtcNow.AddMinutes(1));
    }

    private static WebhookClient Client(PresentedCertificates certificates, string trustFile)
    {
        var options = new EventsOptions { AllowPrivateTargets = true, TrustedAuthorities = trustFile };
        var check = new TargetCheck(new WebhookTargetPolicy(options), new SystemHostResolver(TimeProvider.System), TimeProvider.System);
        return new WebhookClient(new CheckedConnector(check, new EgressProxy(options)), new RecordingHandlers(), options, TimeProvider.System, NullLogger<WebhookClient>.Instance, certificates);
    }

    private static async Task SendAsync(WebhookClient client, TlsListener endpoint)
    {
        var request = new OutgoingRequest { Method = HttpMethod.Get, Url = new Uri($"https://127.0.0.1:{endpoint.Port}/"), Headers = [] };
        Assert.Equal(204, (await client.SendAsync(request, isOwnHandler: false, TimeSpan.FromSeconds(20), default)).Code);
    }

    private sealed class LoggedWarnings : ILogger<CertificateKeeper>
    {
        public ConcurrentQueue<string> Warnings { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel == LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Warnings.Enqueue(formatter(state, exception));
    }

    /// <summary>Asks every client for its certificate.</summary>
    private sealed class TlsListener : IDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly X509Certificate2 _own;

        public TlsListener()
        {
            using var key = RSA.Create(2048);
            _own = Request(key).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(30));
            File.WriteAllText(TrustFile, _own.ExportCertificatePem());
            _listener.Start();
            _ = AcceptAsync();
        }

        /// <summary>What a client must trust to call this endpoint.</summary>
        public string TrustFile { get; } = Path.GetTempFileName();

        public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

        public List<string?> Presented { get; } = [];

        public void Dispose()
        {
            _listener.Dispose();
            _own.Dispose();
            File.Delete(TrustFile);
        }

        private static CertificateRequest Request(RSA key)
        {
            var request = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
            var names = new SubjectAlternativeNameBuilder();
            names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
            return request;
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
                        await tls.AuthenticateAsServerAsync(new SslServerAuthenticationOptions
                        {
                            ServerCertificate = _own,
                            ClientCertificateRequired = true,
                            RemoteCertificateValidationCallback = (_, certificate, _, _) =>
                            {
                                Presented.Add((certificate as X509Certificate2)?.Thumbprint);
                                return true;
                            },
                        });
                        await tls.ReadAtLeastAsync(new byte[4096], 1);
                        await tls.WriteAsync(Encoding.ASCII.GetBytes("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
                    }
                    catch (Exception exception) when (exception is IOException or System.Security.Authentication.AuthenticationException)
                    {
                        // The client does not trust this listener.
                    }
                }
            }
            catch (Exception exception) when (exception is SocketException or ObjectDisposedException)
            {
                // The test is over.
            }
        }
    }
}
