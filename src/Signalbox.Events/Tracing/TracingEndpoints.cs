using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Tracing;

/// <summary>The debug tracing API (events behaviour, section 11).</summary>
public static class TracingEndpoints
{
    /// <summary>Maps both addresses of a registration's list of traces.</summary>
    public static void MapTracing(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/events/organizations/{organizationId}/integrations/{credentialId}/tracing/{registrationId}", ListByCredential).RequireManagementCaller();
        routes.MapGet("/traces/{organizationId}/{projectId}/{workspaceId}/registration/{registrationId}", ListByWorkspace).RequireManagementCaller();
    }

    private static Task ListByCredential(
        HttpContext context, string organizationId, string credentialId, string registrationId) =>
        ListAsync(context, registrationId, found =>
            found.OrganizationId.Value == organizationId && found.CredentialId.Value == credentialId);

    private static Task ListByWorkspace(
        HttpContext context, string organizationId, string projectId, string workspaceId, string registrationId) =>
        ListAsync(context, registrationId, found =>
            found.OrganizationId.Value == organizationId && found.ProjectId.Value == projectId && found.WorkspaceId.Value == workspaceId);

    private static async Task ListAsync(HttpContext context, string registrationId, Func<Registration, bool> isBelowPath)
    {
        var directory = context.RequestServices.GetRequiredService<IRegistrationDirectory>();
        var registration = Guid.TryParseExact(registrationId, "D", out var id)
            ? await directory.FindAsync(new RegistrationId(id), context.RequestAborted)
            : null;
        if (registration is null || !isBelowPath(registration))
        {
            await ApiRefusal.NotFound($"There is no registration '{FieldChecks.Shown(registrationId)}' here. The registration's 'rel:trace' link leads to its traces.")
                .ExecuteAsync(context);
            return;
        }

        if (TraceFilter.Parse(context.Request.Query).IsRefused(out var refusal, out var filter))
        {
            await refusal.ExecuteAsync(context);
            return;
        }

        var documents = filter.Choose(
            await context.RequestServices.GetRequiredService<TraceStore>().ListAsync(registration.Key, context.RequestAborted));
        context.Response.ContentType = "application/json";
        await WriteAsync(context.Response, documents, context.RequestAborted);
    }

    /// <summary>The documents are JSON already: they only need their brackets and commas.</summary>
    private static async Task WriteAsync(HttpResponse response, IReadOnlyList<byte[]> documents, CancellationToken cancellationToken)
    {
        var separator = (byte)'[';
        foreach (var document in documents)
        {
            await response.Body.WriteAsync(new[] { separator }, cancellationToken);
            await response.Body.WriteAsync(document, cancellationToken);
            separator = (byte)',';
        }

        await response.Body.WriteAsync(documents.Count == 0 ? "[]"u8.ToArray() : "]"u8.ToArray(), cancellationToken);
    }
}
