using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity;

[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(JsonWebKeySetBody))]
[JsonSerializable(typeof(OAuthErrorBody))]
[JsonSerializable(typeof(TokenResponse))]
internal sealed partial class IdentityJson : JsonSerializerContext
{
    /// <summary>Leaves quotes and letters readable; the bodies are JSON, never part of a page.</summary>
    public static IdentityJson Readable { get; } =
        new(new JsonSerializerOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });
}
