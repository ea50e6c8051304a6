using System.Net;
using System.Net.Security;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.Egress;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Egress;

/// <summary>Endpoints and clients that do not trust each other, on real sockets.</summary>
public sealed class TlsFailureTests
{
    private const string Name = "hook.example";

    [Theory, InlineData("tls1_2"), InlineData("tls1_3")]
    public async Task A_client_certificate_that_the_endpoint_refuses_is_611(string protocol)
    {
        Assert.SkipUnless(DistrustfulEndpoint.IsPossible, "Needs openssl.");
        using var endpoint = new DistrustfulEndpoint(Name, protocol);

        var (code, text) = await SendAsync(endpoint.Port, endpoint.TrustFile);

        Assert.Equal(611, code);
        Assert.Contains("611 : SSLHandshake ERROR(`", text, StringComparison.Ordinal);
        Assert.Contains("alert unknown ca", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_self_signed_certificate_is_told_to_be_not_trusted()
    {
        using var endpoint = new TlsEndpoint(Name);
        using var other = new TlsEndpoint(Name);

        foreach (var trustFile in (string?[])[null, other.TrustFile])
        {
            var (code, text) = await SendAsync(endpoint.Port, trustFile);

            Assert.Equal(611, code);
            Assert.Contains("(`The endpoint's certificate 'CN=endpoint' is self-signed, and this server does not trust it.`)", text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_certificate_for_another_name_is_told_with_the_names_that_it_is_for()
    {
        using var endpoint = new TlsEndpoint("other.example");

        var (code, text) = await SendAsync(endpoint.Port, endpoint.TrustFile);

        Assert.Equal(611, code);
        Assert.Contains("(`The endpoint's certificate is not for 'hook.example' but for 'other.example'.`)", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_expired_certificate_is_told_with_its_end()
    {
        var endsAt = DateTimeOffset.UtcNow.AddDays(-2);
        using var endpoint = new TlsEndpoint(Name, endsAt);

        var (code, text) = await SendAsync(endpoint.Port, endpoint.TrustFile);

        Assert.Equal(611, code);
        Assert.Contains($"(`The endpoint's certificate 'CN=endpoint' expired at {endsAt:yyyy-MM-dd'T'HH:mm:ss'Z'}.`)", text, StringComparison.Ordinal);
    }

    [Fact]
    public void An_end_that_came_after_the_server_started_is_no_beginning()
    {
        using var key = RSA.Create(2048);
        var now = DateTimeOffset.UtcNow;
        using var certificate = new CertificateRequest("CN=endpoint", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            .CreateSelfSigned(now.AddDays(-3), now.AddDays(-2));
        using var chain = new X509Chain { ChainPolicy = TrustedAuthorities.Policy() };
        (chain.ChainPolicy.VerificationTime, chain.ChainPolicy.VerificationTimeIgnored) = (now.AddDays(-100).DateTime, true);
        chain.Build(certificate);

        Assert.Contains("expired at", CertificateObjection.Describe(Name, SslPolicyErrors.RemoteCertificateChainErrors, certificate, chain), StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_that_is_wrong_with_a_certificate_is_told_at_once()
    {
        using var endpoint = new TlsEndpoint("other.example", DateTimeOffset.UtcNow.AddDays(-2));

        var (_, text) = await SendAsync(endpoint.Port, trustFile: null);

        Assert.Contains("is not for 'hook.example'", text, StringComparison.Ordinal);
        Assert.Contains("expired at", text, StringComparison.Ordinal);
        Assert.Contains("is self-signed", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_trusted_certificate_for_the_name_is_accepted()
    {
        using var endpoint = new TlsEndpoint(Name);

        Assert.Equal(204, (await SendAsync(endpoint.Port, endpoint.TrustFile)).Code);
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task A_missing_intermediate_certificate_is_told_and_not_fetched(bool trustsItsAuthority)
    {
        using var inner = new RawListener(_ => Task.CompletedTask);
        using var endpoint = new TlsEndpoint(Name, inner.Url, sendsIntermediate: false);

        var (code, text) = await SendAsync(endpoint.Port, trustsItsAuthority ? endpoint.TrustFile : null);

        Assert.Equal(611, code);
        Assert.Contains(
            "(`The endpoint's certificate 'CN=endpoint' was issued by 'CN=intermediate', which this server does not know; the endpoint has to send its intermediate certificates along.`)",
            text, StringComparison.Ordinal);
        Assert.Equal(0, inner.Connections);
    }

    [Fact]
    public async Task An_intermediate_certificate_that_is_sent_along_is_enough()
    {
        using var inner = new RawListener(_ => Task.CompletedTask);
        using var endpoint = new TlsEndpoint(Name, inner.Url, sendsIntermediate: true);

        Assert.Equal(204, (await SendAsync(endpoint.Port, endpoint.TrustFile)).Code);
        Assert.Equal(0, inner.Connections);
    }

    private static async Task<(int Code, string Text)> SendAsync(int port, string? trustFile)
    {
        await using var test = new TestDatabase(TestEngine.Sqlite, EventsRoom.Migrations);
        test.Clock.SetUtcNow(DateTimeOffset.UtcNow);
        var options = new EventsOptions { AllowPrivateTargets = true, TrustedAuthorities = trustFile };
        using var certificates = new PresentedCertificates(new CertificateStore(test.Database, test.Secrets), options, test.Clock);
        await certificates.KeepAsync(default);
        var names = new KnownNames { Addresses = { [Name] = [IPAddress.Loopback] } };
        using var client = new WebhookClient(
            new CheckedConnector(new TargetCheck(new WebhookTargetPolicy(options), names, TimeProvider.System), new EgressProxy(options)),
            new RecordingHandlers(), options, TimeProvider.System, NullLogger<WebhookClient>.Instance, certificates);
        var request = new OutgoingRequest { Method = HttpMethod.Post, Url = new Uri($"https://{Name}:{port}/"), Headers = [], Body = "{}"u8.ToArray() };
        var exchange = await client.SendAsync(request, isOwnHandler: false, TimeSpan.FromSeconds(20), default);
        return (exchange.Code, Encoding.UTF8.GetString(exchange.ResponseBody.Span));
    }
}
