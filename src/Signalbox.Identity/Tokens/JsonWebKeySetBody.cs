using System.Text.Json.Serialization;

namespace Signalbox.Identity.Tokens;

/// <summary>The public keys that verify access tokens (RFC 7517, section 5).</summary>
internal sealed record JsonWebKeySetBody([property: JsonPropertyName("keys")] IReadOnlyList<JsonWebKeyBody> Keys);

/// <summary>One public RSA key; <paramref name="N"/> and <paramref name="E"/> are base64url.</summary>
internal sealed record JsonWebKeyBody(
    [property: JsonPropertyName("kty")] string Kty,
    [property: JsonPropertyName("use")] string Use,
    [property: JsonPropertyName("alg")] string Alg,
    [property: JsonPropertyName("kid")] string Kid,
    [property: JsonPropertyName("n")] string N,
    [property: JsonPropertyName("e")] string E);
