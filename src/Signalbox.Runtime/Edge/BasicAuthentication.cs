using System.Buffers.Text;
using System.Text;
using Signalbox.Identity;
using Signalbox.Runtime.Namespaces;

namespace Signalbox.Runtime.Edge;

/// <summary><c>Authorization: Basic base64(uuid:key)</c> (OpenWhisk behaviour, section 2.1).</summary>
internal sealed class BasicAuthentication(INamespaceDirectory namespaces)
{
    public const string Challenge = "Basic realm=\"OpenWhisk secure realm\"";

    private const int KeyLengthMin = 64;
    private const int HeaderLengthMax = 1_024;
    private const string Scheme = "Basic ";

    /// <summary>The namespace that the header opens, or 401.</summary>
    public async ValueTask<Outcome<NamespaceIdentity>> AuthenticateAsync(string? header, CancellationToken cancellationToken)
    {
        if (string.IsNullOrEmpty(header))
        {
            return Refusal.NoCredentials;
        }

        if (!TryRead(header, out var uuid, out var key))
        {
            return Refusal.BadCredentials;
        }

        return await namespaces.AuthenticateAsync(uuid, key, cancellationToken) is { } found ? found : Refusal.BadCredentials;
    }

    private static bool TryRead(string header, out Guid uuid, out string key)
    {
        uuid = default;
        key = "";
        if (header.Length > HeaderLengthMax || !header.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase))
        {
            return false;
        }

        Span<byte> decoded = stackalloc byte[HeaderLengthMax];
        if (!Convert.TryFromBase64Chars(header.AsSpan(Scheme.Length).Trim(), decoded, out var length))
        {
            return false;
        }

        decoded = decoded[..length];
        var colon = decoded.IndexOf((byte)':');
        if (colon < 0 || !Utf8Parser.TryParse(decoded[..colon], out uuid, out var parsed, 'D') || parsed != colon)
        {
            return false;
        }

        key = Encoding.UTF8.GetString(decoded[(colon + 1)..]);
        return key.Length >= KeyLengthMin;
    }
}
