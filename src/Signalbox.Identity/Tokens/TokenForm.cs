using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Signalbox.Identity.Tokens;

/// <summary>The form of a token request: urlencoded, or multipart as the Adobe clients send it.</summary>
internal sealed record TokenForm
{
    private const int BytesMax = 65_536;
    private const int FieldsMax = 64;

    public required string? GrantType { get; init; }

    public required string? ClientId { get; init; }

    public required string? ClientSecret { get; init; }

    public required string? Scope { get; init; }

    public required string? OrgId { get; init; }

    /// <summary>Reads the form, or tells what is wrong with it: 400, 413 or 415.</summary>
    public static async Task<(TokenForm? Form, OAuthError? Error)> ReadAsync(HttpContext context)
    {
        var request = context.Request;
        if (!request.HasFormContentType)
        {
            return (null, OAuthError.UnsupportedMediaType(request.ContentType));
        }

        if (request.ContentLength > BytesMax)
        {
            return (null, OAuthError.TooLarge(BytesMax));
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = BytesMax;
        }

        try
        {
            var form = await request.ReadFormAsync(
                new FormOptions
                {
                    ValueCountLimit = FieldsMax,
                    ValueLengthLimit = BytesMax,
                    MultipartBodyLengthLimit = BytesMax,
                    MemoryBufferThreshold = BytesMax,
                },
                context.RequestAborted);
            return (From(form), null);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            return (null, OAuthError.TooLarge(BytesMax));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException or NotSupportedException)
        {
            // Of a body that broke nobody knows where the next request would begin.
            context.Response.Headers.Connection = "close";
            return (null, OAuthError.InvalidRequest("The body is no well-formed form, or has too many fields."));
        }
    }

    private static TokenForm From(IFormCollection form)
    {
        return new TokenForm
        {
            GrantType = Field("grant_type"),
            ClientId = Field("client_id"),
            ClientSecret = Field("client_secret"),
            Scope = Field("scope"),
            OrgId = Field("org_id"),
        };

        string? Field(string name) => form[name] is [{ Length: > 0 } value] ? value : null;
    }
}
