using System.Text.Json;
using System.Text.Json.Serialization;

namespace Signalbox.Sandbox.Kinds;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    ReadCommentHandling = JsonCommentHandling.Skip)]
[JsonSerializable(typeof(KindManifest))]
internal sealed partial class KindManifestJson : JsonSerializerContext;
