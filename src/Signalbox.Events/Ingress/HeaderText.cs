using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Signalbox.Events.Ingress;

/// <summary>How attribute values stand in HTTP headers (CloudEvents HTTP binding 1.0, section 3.1.3.2).</summary>
internal static class HeaderText
{
    private static readonly UTF8Encoding _strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Takes the quotes and backslashes of quoted parts away, then decodes percent signs once.</summary>
    /// <returns>
    /// False when a quote is not closed, a percent sign does not go before two hexadecimal digits, or the decoded bytes are
    /// not UTF-8.
    /// </returns>
    public static bool TryDecode(string value, [NotNullWhen(true)] out string? text)
    {
        text = value.Contains('"', StringComparison.Ordinal) ? Unquote(value) : value;
        return text is not null && (!text.Contains('%', StringComparison.Ordinal) || TryDecodePercent(text, out text));
    }

    private static string? Unquote(string value)
    {
        var text = new StringBuilder(value.Length);
        var isQuoted = false;
        for (var i = 0; i < value.Length; i++)
        {
            if (value[i] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (isQuoted && value[i] == '\\')
            {
                if (++i == value.Length)
                {
                    return null;
                }

                text.Append(value[i]);
            }
            else
            {
                text.Append(value[i]);
            }
        }

        return isQuoted ? null : text.ToString();
    }

    private static bool TryDecodePercent(string text, [NotNullWhen(true)] out string? decoded)
    {
        decoded = null;
        var bytes = Encoding.UTF8.GetBytes(text);
        var length = 0;
        for (var i = 0; i < bytes.Length; i++)
        {
            if (bytes[i] != '%')
            {
                bytes[length++] = bytes[i];
                continue;
            }

            if (i + 2 >= bytes.Length || !byte.TryParse(bytes.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value))
            {
                return false;
            }

            bytes[length++] = value;
            i += 2;
        }

        try
        {
            decoded = _strict.GetString(bytes, 0, length);
            return true;
        }
        catch (DecoderFallbackException)
        {
            return false;
        }
    }
}
