using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.EventBridge;

/// <summary>The operator's API of EventBridge sources.</summary>
internal static class EventBridgeAdministration
{
    public static void MapEventBridgeAdministration(this IEndpointRouteBuilder admin) =>
        admin.MapPost("/eventbridge/{registrationId}/associate", AssociateAsync);

    private static async Task<IResult> AssociateAsync(string registrationId, EventBridgeAssociations associations, CancellationToken cancellationToken) =>
        Guid.TryParse(registrationId, out var id) && await associations.AssociateAsync(new RegistrationId(id), cancellationToken) is { } registration
            ? Results.Text($$"""{"registration_id":"{{registration.Id}}","webhook_status":"{{RegistrationWords.Of(registration.Status)}}"}""", "application/json")
            : ApiRefusal.NotFound($"There is no registration '{FieldChecks.Shown(registrationId)}' that delivers to EventBridge.");
}
