using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.IdentityModel.Tokens;

namespace Signalbox.Identity.Tokens;

/// <summary>The token endpoint and the keys that verify its tokens (clients, section 1.2; RFC 6749, section 4.4).</summary>
internal static class TokenEndpoints
{
    public static void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/ims/token", GrantAsync);
        routes.MapPost("/ims/token/v2", GrantAsync);
        routes.MapPost("/ims/token/v3", GrantAsync);
        routes.MapGet("/ims/keys", ListKeysAsync);
    }

    private static async Task<IResult> GrantAsync(HttpContext context, TokenGrant grant)
    {
        var (form, error) = await TokenForm.ReadAsync(context);
        if (form is null)
        {
            return error!;
        }

        (var token, error) = await grant.GrantAsync(form, context.Connection.RemoteIpAddress, context.RequestAborted);
        if (token is null)
        {
            return error!;
        }

        context.Response.Headers.CacheControl = "no-store";
        return Results.Json(
            new TokenResponse(token.AccessToken, "bearer", (long)token.Lifetime.TotalSeconds), IdentityJson.Default.TokenResponse);
    }

    private static async Task<IResult> ListKeysAsync(TokenSigningKeys keys, CancellationToken cancellationToken)
    {
        var bodies = (await keys.GetAsync(cancellationToken)).Select(ToBody);
        return Results.Json(new JsonWebKeySetBody([.. bodies]), IdentityJson.Default.JsonWebKeySetBody);
    }

    private static JsonWebKeyBody ToBody(RsaSecurityKey key)
    {
        var parameters = key.Rsa.ExportParameters(includePrivateParameters: false);
        return new JsonWebKeyBody(
            "RSA",
            "sig",
            SecurityAlgorithms.RsaSha256,
            key.KeyId,
            Base64UrlEncoder.Encode(parameters.Modulus!),
            Base64UrlEncoder.Encode(parameters.Exponent!));
    }
}
