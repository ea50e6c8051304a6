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

    private static async Task<IResult> ListAsync(SigningKeys keys, CancellationToken cancellationToken) =>
        Results.Json(
            new SigningKeyList([.. (await keys.GetAsync(cancellationToken)).All.Select(key => Show(key, keys))]),
            EventsJson.Default.SigningKeyList);

    private static async Task<IResult> RotateAsync(HttpContext context, SigningKeys keys, KeyRotation rotation)
    {
        if ((await RequestBody.ReadJsonAsync(context, EventsJson.Default.RotateKeyBody)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        return await rotation.RotateAsync(body.Slot, body.Force, context.RequestAborted) switch
        {
            KeyRotationOutcome.Rotated rotated => Results.Json(
                new SigningKeyList([Show(rotated.Current, keys), Show(rotated.Retired with { RetiredAt = rotated.Current.CreatedAt }, keys)]),
                EventsJson.Default.SigningKeyList),
            KeyRotationOutcome.Refused refused => ApiRefusal.Conflict(refused.Reason),
            _ => throw new InvalidOperationException("A rotation has no third outcome."),
        };
    }

    private static SigningKeyInfo Show(SigningKey key, SigningKeys keys) => new()
    {
        Slot = key.Slot,
        Path = key.Path,
        CreatedAt = key.CreatedAt,
        RetiredAt = key.RetiredAt,
        ServedUntil = key.RetiredAt + keys.Retention,
    };
}

/// <summary>The body of a rotation.</summary>
internal sealed record RotateKeyBody
{
    public int? Slot { get; init; }

    public bool Force { get; init; }
}

/// <summary>A key pair without its private half.</summary>
internal sealed record SigningKeyInfo
{
    public required int Slot { get; init; }

    public required string Path { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? RetiredAt { get; init; }

    public DateTimeOffset? ServedUntil { get; init; }
}

internal sealed record SigningKeyList(IReadOnlyList<SigningKeyInfo> Keys);
