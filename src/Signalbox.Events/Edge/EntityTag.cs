using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Signalbox.Events.Edge;

/// <summary>
/// The <c>ETag</c> of a resource that people edit. It names what its editors can set, so it is a function of the body that
/// would lead to this state: what the service itself changes (a status, a label of a provider) leaves it as it is, and
/// spoils no edit.
/// </summary>
internal static class EntityTag
{
    private const int HashBytes = 15;

    public static string Of<T>(T settings, JsonTypeInfo<T> type) =>
        $"\"{Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(settings, type)).AsSpan(0, HashBytes))}\"";
}
