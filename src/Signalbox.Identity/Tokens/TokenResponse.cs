using System.Text.Json.Serialization;

namespace Signalbox.Identity.Tokens;

/// <summary>The success body of the token endpoint.</summary>
/// <param name="AccessToken">The JWT.</param>
/// <param name="TokenType">Always <c>bearer</c>.</param>
/// <param name="ExpiresIn">Seconds.</param>
internal sealed record TokenResponse(
    [property: JsonPropertyName("access_token")] string AccessToken,
    [property: JsonPropertyName("token_type")] string TokenType,
    [property: JsonPropertyName("expires_in")] long ExpiresIn);
