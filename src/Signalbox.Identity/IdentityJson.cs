using System.Text.Json.Serialization;

namespace Signalbox.Identity;

[JsonSerializable(typeof(ApiError))]
internal sealed partial class IdentityJson : JsonSerializerContext;
