using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;

namespace Signalbox.Events.Signing;

/// <summary>Serves the public signing keys to anybody (events behaviour, section 9.2).</summary>
public static class SigningKeyEndpoints
{
    public static void MapSigningKeys(this IEndpointRouteBuilder routes) =>
        routes.MapMethods("/prod/keys/pub-key-{keyId}.pem", [HttpMethods.Get, HttpMethods.Head], GetAsync);

    private static async Task<IResult> GetAsync(string keyId, HttpContext context)
    {
        var keys = context.RequestServices.GetRequiredService<SigningKeys>();
        return Guid.TryParseExact(keyId, "D", out var id) && await keys.FindPublicKeyAsync(id, context.RequestAborted) is { } pem
            ? Results.Text(pem, "text/plain")
            : Results.NotFound();
    }
}
