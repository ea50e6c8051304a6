using System.Text.Json.Serialization;
using Signalbox.Identity.Tokens;

namespace Signalbox.Identity;

[JsonSerializable(typeof(ApiError))]
[JsonSerializable(typeof(JsonWebKeySetBody))]
[JsonSerializable(typeof(OAuthErrorBody))]
[JsonSerializable(typeof(TokenResponse))]
internal sealed partial class IdentityJson : JsonSerializerContext;
