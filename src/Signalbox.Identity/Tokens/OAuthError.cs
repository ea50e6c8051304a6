using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Identity.Tokens;

/// <summary>An error answer of the token endpoint (RFC 6749, section 5.2).</summary>
internal sealed record OAuthError(int Status, string Error, string Description) : IResult
{
    /// <summary>When to come back; only with 429.</summary>
    public TimeSpan? RetryAfter { get; init; }

    public static OAuthError InvalidRequest(string description) =>
        new(StatusCodes.Status400BadRequest, "invalid_request", description);

    public static OAuthError UnsupportedGrantType(string grantType) => new(
        StatusCodes.Status400BadRequest,
        "unsupported_grant_type",
        $"The grant type '{Shortened(grantType)}' is not supported. Send grant_type=client_credentials.");

    /// <summary>The same for an unknown client and a wrong secret, so that it tells nothing.</summary>
    public static OAuthError InvalidClient() => new(
        StatusCodes.Status401Unauthorized, "invalid_client", "The client id is unknown or the client secret is wrong.");

    public static OAuthError InvalidScope(string scope) => new(
        StatusCodes.Status400BadRequest,
        "invalid_scope",
        $"The credential does not hold the scope '{Shortened(scope)}'. It holds: {string.Join(", ", Scopes.All)}.");

    public static OAuthError WrongOrganization(string organization) => new(
        StatusCodes.Status400BadRequest,
        "invalid_request",
        $"The credential does not belong to organization '{Shortened(organization)}'. Leave out org_id, or send the credential's.");

    public static OAuthError TooManyFailures(TimeSpan wait) => new(
        StatusCodes.Status429TooManyRequests, "temporarily_unavailable", "Too many failed attempts for this client id. Wait as Retry-After says.")
    {
        RetryAfter = wait,
    };

    public static OAuthError TooLarge(int bytesMax) => new(
        StatusCodes.Status413PayloadTooLarge, "invalid_request", $"The form is larger than {bytesMax} bytes.");

    public static OAuthError UnsupportedMediaType(string? contentType) => new(
        StatusCodes.Status415UnsupportedMediaType,
        "invalid_request",
        $"The content type '{Shortened(contentType ?? "")}' is not supported. Send application/x-www-form-urlencoded or multipart/form-data.");

    public Task ExecuteAsync(HttpContext httpContext)
    {
        IdentityMetrics.TokensRefused.Add(1, new KeyValuePair<string, object?>("error", Error));
        var response = httpContext.Response;
        response.StatusCode = Status;
        response.ContentType = "application/json";
        response.Headers.CacheControl = "no-store";
        if (RetryAfter is { } wait)
        {
            response.Headers.RetryAfter = Math.Max(1, (long)Math.Ceiling(wait.TotalSeconds)).ToString(CultureInfo.InvariantCulture);
        }

        var body = JsonSerializer.SerializeToUtf8Bytes(new OAuthErrorBody(Error, Description), IdentityJson.Readable.OAuthErrorBody);
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    private static string Shortened(string value) => value.Length <= 100 ? value : value[..100] + "…";
}

/// <summary>The body of <see cref="OAuthError"/>.</summary>
internal sealed record OAuthErrorBody(
    [property: JsonPropertyName("error")] string Error,
    [property: JsonPropertyName("error_description")] string Description);
