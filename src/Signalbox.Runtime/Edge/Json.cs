using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Signalbox.Runtime.Edge;

/// <summary>Writing JSON without reflection, and without changing the number tokens of users.</summary>
internal static class Json
{
    public static readonly JsonWriterOptions Compact = new()
    {
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        SkipValidation = true,
    };

    public static readonly JsonWriterOptions Pretty = Compact with { Indented = true, NewLine = "\n" };

    /// <summary>Deeper than the doors let in: envelopes around what was let in must be readable too.</summary>
    public static readonly JsonReaderOptions Reading = new() { MaxDepth = 128 };

    [ThreadStatic]
    private static ArrayBufferWriter<byte>? _buffer;

    [ThreadStatic]
    private static Utf8JsonWriter? _writer;

    public static ReadOnlyMemory<byte> EmptyObject { get; } = "{}"u8.ToArray();

    public static ReadOnlyMemory<byte> EmptyArray { get; } = "[]"u8.ToArray();

    /// <summary>The bytes that the callback writes. The callback must not call this method again.</summary>
    public static byte[] Write(Action<Utf8JsonWriter> write)
    {
        var buffer = _buffer ??= new ArrayBufferWriter<byte>(16 * 1024);
        var writer = _writer ??= new Utf8JsonWriter(buffer, Compact);
        try
        {
            write(writer);
            writer.Flush();
            return buffer.WrittenSpan.ToArray();
        }
        finally
        {
            writer.Reset();
            buffer.ResetWrittenCount();
            if (buffer.Capacity > 1024 * 1024)
            {
                _buffer = null;
                _writer = null;
            }
        }
    }

    public static byte[] WritePretty(Action<Utf8JsonWriter> write)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var writer = new Utf8JsonWriter(buffer, Pretty);
        write(writer);
        writer.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>Parses a whole text whose memory the result keeps; null when it is no JSON.</summary>
    public static JsonElement? TryParse(ReadOnlyMemory<byte> utf8, out string? error)
    {
        error = null;
        try
        {
            var reader = new Utf8JsonReader(utf8.Span);
            var element = JsonElement.ParseValue(ref reader);
            if (!reader.Read())
            {
                return element;
            }

            error = "There is text after the JSON value.";
        }
        catch (JsonException exception)
        {
            error = exception.Message;
        }
        catch (InvalidOperationException)
        {
            error = "The text is not valid UTF-8.";
        }

        return null;
    }

    public static void WriteRaw(this Utf8JsonWriter writer, string name, ReadOnlyMemory<byte> json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json.Span, skipInputValidation: true);
    }
}
