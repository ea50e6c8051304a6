using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Signing;

/// <summary>The operator's API of the signing keys.</summary>
internal static class SigningKeyAdministration
{
    public static void MapSigningKeyAdministration(this IEndpointRouteBuilder admin)
    {
        admin.MapGet("/keys", ListAsync);
        admin.MapPost("/keys/rotate", RotateAsync);
    }

    private static async Task<IResult> ListAsync(ISigningKeyDesk keys, CancellationToken cancellationToken) =>
        Results.Json(new SigningKeyList(await keys.ListAsync(cancellationToken)), EventsJson.Default.SigningKeyList);

    private static async Task<IResult> RotateAsync(HttpContext context, ISigningKeyDesk keys)
    {
        if ((await RequestBody.ReadJsonAsync(context, EventsJson.Default.RotateKeyBody)).IsRefused(out var refusal, out var body)
            || (await keys.RotateAsync(body.Slot, body.Force, context.RequestAborted)).IsRefused(out refusal, out var changed))
        {
            return refusal;
        }

        return Results.Json(new SigningKeyList(changed), EventsJson.Default.SigningKeyList);
    }
}

/// <summary>The body of a rotation.</summary>
internal sealed record RotateKeyBody
{
    public int? Slot { get; init; }

    public bool Force { get; init; }
}

internal sealed record SigningKeyList(IReadOnlyList<SigningKeyInfo> Keys);
