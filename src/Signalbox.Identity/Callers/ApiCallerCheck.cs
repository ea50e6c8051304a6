using Microsoft.AspNetCore.Http;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity.Callers;

/// <summary>The rules of who may call the events APIs (events behaviour, sections 2 and 17).</summary>
internal sealed class ApiCallerCheck(TokenVerifier tokens, IdentityDirectory directory)
{
    private const string BearerPrefix = "Bearer ";

    /// <summary>Sets the request's <see cref="Caller"/>, or returns the answer that refuses it.</summary>
    public async ValueTask<ApiErrorResult?> CheckAsync(HttpContext context)
    {
        var cancellationToken = context.RequestAborted;
        if (BearerToken(context.Request) is not { } bearer)
        {
            return ApiErrors.Unauthorized("The header 'Authorization: Bearer <access token>' is missing or malformed.");
        }

        var verdict = await tokens.VerifyAsync(bearer, cancellationToken);
        if (!verdict.IsValid)
        {
            return ApiErrors.Unauthorized(verdict.Problem);
        }

        // A credential that was taken away takes its tokens with it.
        var token = verdict.Token;
        var issuedTo = await directory.FindCredentialAsync(token.ClientId, cancellationToken);
        if (issuedTo is null || issuedTo.Workspace.ImsOrgId != token.ImsOrgId)
        {
            return ApiErrors.Unauthorized($"The access token's client '{token.ClientId}' no longer exists.");
        }

        if (!token.Scopes.Contains(Scopes.AdobeIoApi))
        {
            return ApiErrors.Forbidden($"The access token lacks the scope '{Scopes.AdobeIoApi}'. Ask for it when getting the token.");
        }

        return await CheckOrganizationAsync(context, issuedTo.Workspace, cancellationToken);
    }

    private async ValueTask<ApiErrorResult?> CheckOrganizationAsync(
        HttpContext context, Workspace home, CancellationToken cancellationToken)
    {
        // The key may be of another client than the token's: the aio CLI sends its own token with the workspace's key.
        if (context.Request.Headers["x-api-key"] is not [{ Length: > 0 } apiKey])
        {
            return ApiErrors.Forbidden("The header 'x-api-key' is missing. Send the client id of a credential.");
        }

        var key = await directory.FindCredentialAsync(new ClientId(apiKey), cancellationToken);
        if (key is null || key.Workspace.OrganizationId != home.OrganizationId)
        {
            return ApiErrors.Forbidden("The API key in 'x-api-key' is no client id of the access token's organization.");
        }

        if (context.Request.RouteValues.TryGetValue("organizationId", out var asked)
            && !string.Equals(asked as string, home.OrganizationId.Value, StringComparison.Ordinal))
        {
            return ApiErrors.Forbidden($"The access token gives no right to organization '{asked}'.");
        }

        if (context.Request.Headers["x-ims-org-id"] is { Count: > 0 } named && !named.All(org => org == home.ImsOrgId))
        {
            return ApiErrors.Forbidden($"The header 'x-ims-org-id' names '{named}', which is not the access token's organization.");
        }

        context.Features.Set(new Caller
        {
            OrganizationId = home.OrganizationId,
            ImsOrgId = home.ImsOrgId,
            ApiKey = key.ClientId,
        });
        return null;
    }

    private static string? BearerToken(HttpRequest request) =>
        request.Headers.Authorization is [{ } value]
            && value.StartsWith(BearerPrefix, StringComparison.OrdinalIgnoreCase)
            && value.AsSpan(BearerPrefix.Length).Trim() is { IsEmpty: false } token
            ? token.ToString()
            : null;
}
