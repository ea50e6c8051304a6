using System.Text;
using Microsoft.Net.Http.Headers;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Tracing;

/// <summary>Which encoding the text of a response is in, as its content type says.</summary>
internal static class TextEncoding
{
    /// <summary>Null for UTF-8, of which US-ASCII is a part, for what is not known here, and where no response came.</summary>
    public static Encoding? Find(Exchange exchange) =>
        exchange.FailureReason is null
        && MediaTypeHeaderValue.TryParse(exchange.Header("content-type"), out var type)
            ? HeaderUtilities.RemoveQuotes(type.Charset).ToString().ToLowerInvariant() switch
            {
                "iso-8859-1" or "latin1" => Encoding.Latin1,
                "utf-16be" => Encoding.BigEndianUnicode,
                "utf-16le" => Encoding.Unicode,
                // Without a mark, what is sent is little-endian, whatever RFC 2781 would have.
                "utf-16" => exchange.ResponseBody.Span is [0xFE, 0xFF, ..] ? Encoding.BigEndianUnicode : Encoding.Unicode,
                _ => null,
            }
            : null;
}
