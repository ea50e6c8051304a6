using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;

namespace Signalbox.Events.ClientCertificates;

/// <summary>Serves the public part of the client certificates to anybody, and their renewal to the operator.</summary>
internal static class CertificateEndpoints
{
    public static void MapCertificates(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/prod/certificates/client.pem", (PresentedCertificates certificates) => Results.Text(certificates.ServedPem(), "application/x-pem-file"));
        routes.MapGet("/prod/certificates/ca.pem", GetAuthority);
    }

    public static void MapCertificateAdministration(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/certificates", (PresentedCertificates certificates) => Show(certificates));
        admin.MapPost("/certificates/renew", RenewAsync);
    }

    private static IResult GetAuthority(PresentedCertificates certificates) => certificates.IsOperators
        ? ApiRefusal.NotFound("The client certificate is the operator's own: its authority is not this server. /prod/certificates/client.pem has the certificate and its intermediates.")
        : Results.Text(string.Join('\n', certificates.Authorities.Select(authority => authority.Certificate)) + "\n", "application/x-pem-file");

    private static async Task<IResult> RenewAsync(bool? now, PresentedCertificates certificates, CancellationToken cancellationToken)
    {
        if (certificates.IsOperators)
        {
            return await ReadAgainAsync(certificates, cancellationToken);
        }

        await certificates.RenewAsync(now ?? false, cancellationToken);
        return Show(certificates);
    }

    private static async Task<IResult> ReadAgainAsync(PresentedCertificates certificates, CancellationToken cancellationToken)
    {
        try
        {
            await certificates.KeepAsync(cancellationToken);
            return Show(certificates);
        }
        catch (Exception exception) when (exception is FormatException or UnauthorizedAccessException)
        {
            return ApiRefusal.Conflict($"{exception.Message} The certificate from before is presented further. Mend the file, or put a good one in its place, and renew again.");
        }
    }

    private static IResult Show(PresentedCertificates certificates) =>
        Results.Json(new CertificateList(certificates.List()), EventsJson.Default.CertificateList);
}

internal sealed record CertificateList(IReadOnlyList<CertificateInfo> Certificates);
