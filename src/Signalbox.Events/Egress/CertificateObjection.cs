using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.Egress;

/// <summary>Says what is wrong with an endpoint's certificate, for the one who has to mend it.</summary>
internal static class CertificateObjection
{
    /// <summary>Names of a certificate that are told; some have hundreds.</summary>
    private const int NamesMax = 5;

    /// <param name="host">The name or address that was called.</param>
    /// <param name="errors">What was found; at least one.</param>
    /// <param name="certificate">The endpoint's own.</param>
    /// <param name="chain">Its way to an authority, as it was built.</param>
    public static string Describe(string host, SslPolicyErrors errors, X509Certificate2? certificate, X509Chain? chain)
    {
        if (certificate is null)
        {
            return "The endpoint has shown no certificate.";
        }

        var objections = new List<string>();
        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateNameMismatch))
        {
            objections.Add($"The endpoint's certificate is not for '{host}' but for {DescribeNames(certificate)}.");
        }

        if (errors.HasFlag(SslPolicyErrors.RemoteCertificateChainErrors) && chain is not null)
        {
            // What a policy holds for "now" is the time when it was made.
            var now = chain.ChainPolicy.VerificationTimeIgnored ? TimeProvider.System.GetLocalNow().DateTime : chain.ChainPolicy.VerificationTime;
            objections.AddRange(chain.ChainElements.SelectMany((element, depth) =>
                element.ChainElementStatus.Select(status => Describe(element.Certificate, isOwn: depth == 0, status, now))));
        }

        return objections.Count > 0 ? string.Join(' ', objections.Distinct()) : $"The endpoint's certificate is not valid: {errors}.";
    }

    private static string Describe(X509Certificate2 certificate, bool isOwn, X509ChainStatus status, DateTime now)
    {
        var subject = isOwn ? $"The endpoint's certificate '{certificate.Subject}'" : $"The certificate '{certificate.Subject}', from which the endpoint's comes,";
        return status.Status switch
        {
            X509ChainStatusFlags.NotTimeValid when now < certificate.NotBefore => $"{subject} is not valid before {Format(certificate.NotBefore)}.",
            X509ChainStatusFlags.NotTimeValid => $"{subject} expired at {Format(certificate.NotAfter)}.",
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain when IsSelfIssued(certificate) =>
                isOwn ? $"{subject} is self-signed, and this server does not trust it." : $"{subject} is of an authority that this server does not trust.",
            X509ChainStatusFlags.UntrustedRoot or X509ChainStatusFlags.PartialChain =>
                $"{subject} was issued by '{certificate.Issuer}', which this server does not know; the endpoint has to send its intermediate certificates along.",
            _ => $"{subject} is not valid: {status.Status}, {status.StatusInformation.Trim().TrimEnd('.')}.",
        };
    }

    private static string DescribeNames(X509Certificate2 certificate)
    {
        var names = certificate.Extensions.OfType<X509SubjectAlternativeNameExtension>()
            .SelectMany(extension => extension.EnumerateDnsNames().Concat(extension.EnumerateIPAddresses().Select(address => address.ToString())))
            .ToList();
        return names.Count == 0 ? $"'{certificate.GetNameInfo(X509NameType.SimpleName, forIssuer: false)}'"
            : string.Join(", ", names.Take(NamesMax).Select(name => $"'{name}'")) + (names.Count > NamesMax ? $" and {names.Count - NamesMax} more" : "");
    }

    private static bool IsSelfIssued(X509Certificate2 certificate) =>
        certificate.SubjectName.RawData.AsSpan().SequenceEqual(certificate.IssuerName.RawData);

    private static string Format(DateTime local) => local.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'");
}
