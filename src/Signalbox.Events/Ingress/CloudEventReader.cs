using System.Buffers;
using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Signalbox.Events.Ingress;

/// <summary>
/// Checks a CloudEvent in structured JSON on its UTF-8 bytes (events behaviour, section 6) and finds the attributes
/// that routing needs. Nothing is copied or allocated on the way to a valid event without extensions.
/// </summary>
internal ref struct CloudEventReader
{
    /// <summary>Longest <c>source</c> and <c>type</c> that routing looks at, in characters; longer ones match nothing.</summary>
    public const int RoutedLengthMax = 512;

    /// <summary>Levels of objects and arrays of an event, its own included.</summary>
    public const int DepthMax = 64;

    private readonly ReadOnlySpan<byte> _body;
    private readonly Span<char> _source;
    private readonly Span<char> _type;
    private readonly bool _isSpecVersionRequired;
    private Seen _seen;

    /// <param name="body">The event.</param>
    /// <param name="source">Receives the source; <see cref="RoutedLengthMax"/> characters.</param>
    /// <param name="type">Receives the type; <see cref="RoutedLengthMax"/> characters.</param>
    /// <param name="isSpecVersionRequired">False: a missing <c>specversion</c> means 1.0, as older clients have it.</param>
    public CloudEventReader(ReadOnlySpan<byte> body, Span<char> source, Span<char> type, bool isSpecVersionRequired = false)
    {
        _body = body;
        _source = source;
        _type = type;
        _isSpecVersionRequired = isSpecVersionRequired;
    }

    [Flags]
    private enum Seen
    {
        None = 0,
        SpecVersion = 1,
        Id = 2,
        Source = 4,
        Type = 8,
        Time = 16,
        DataContentType = 32,
        DataSchema = 64,
        Subject = 128,
        Data = 256,
        PhiData = 512,
    }

    /// <summary>The id, unescaped.</summary>
    public ReadOnlySpan<byte> Id { get; private set; }

    /// <summary>Characters of the source.</summary>
    public int SourceLength { get; private set; }

    /// <summary>Characters of the type.</summary>
    public int TypeLength { get; private set; }

    /// <summary>Where the value of a <c>phidata</c> extension stands in the body; empty when there is none.</summary>
    public Range PhiData { get; private set; }

    /// <summary>Where the first member may be inserted: after the opening brace.</summary>
    public int AfterOpeningBrace { get; private set; }

    /// <summary>Reads it all. Null when it is valid, else the attribute in question and what is wrong with it.</summary>
    public CloudEventFault? Read()
    {
        if (!Utf8.IsValid(_body))
        {
            return new CloudEventFault("", "The body is not valid UTF-8.");
        }

        try
        {
            return ReadEvent();
        }
        catch (JsonException exception)
        {
            return new CloudEventFault("", JsonProblem.Explain(_body, exception));
        }
        catch (InvalidOperationException)
        {
            return new CloudEventFault("", "The name of an attribute holds half of a surrogate pair. Send whole characters.");
        }
    }

    private CloudEventFault? ReadEvent()
    {
        var reader = new Utf8JsonReader(_body, new JsonReaderOptions { MaxDepth = DepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return new CloudEventFault("", "The body is not a JSON object. Send one CloudEvent in structured mode.");
        }

        AfterOpeningBrace = (int)reader.BytesConsumed;
        var extensions = new ExtensionNames();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (ReadMember(ref reader, ref extensions) is { } fault)
            {
                return fault;
            }
        }

        // Whatever follows the event is an error, which the reader raises.
        while (reader.Read())
        {
        }

        return Missing();
    }

    private CloudEventFault? ReadMember(ref Utf8JsonReader reader, ref ExtensionNames extensions)
    {
        switch (reader)
        {
            case var r when r.ValueTextEquals("id"u8): return ReadId(ref reader);
            case var r when r.ValueTextEquals("source"u8): return ReadSource(ref reader);
            case var r when r.ValueTextEquals("type"u8): return ReadType(ref reader);
            case var r when r.ValueTextEquals("specversion"u8): return ReadSpecVersion(ref reader);
            case var r when r.ValueTextEquals("data"u8):
                if (Twice(Seen.Data, "data") is { } twice)
                {
                    return twice;
                }

                reader.Read();
                reader.Skip();
                return null;
            case var r when r.ValueTextEquals("time"u8): return ReadTime(ref reader);
            case var r when r.ValueTextEquals("datacontenttype"u8): return ReadContentType(ref reader);
            case var r when r.ValueTextEquals("dataschema"u8): return ReadSchema(ref reader);
            case var r when r.ValueTextEquals("subject"u8): return ReadText(ref reader, Seen.Subject, "subject", required: false);
            case var r when r.ValueTextEquals("data_base64"u8):
                return new CloudEventFault("data_base64", "'data_base64' is not accepted. Send JSON in 'data'.");
            default: return ReadExtension(ref reader, ref extensions);
        }
    }

    private CloudEventFault? ReadText(ref Utf8JsonReader reader, Seen which, string name, bool required)
    {
        if (Twice(which, name) is { } twice)
        {
            return twice;
        }

        reader.Read();
        if (reader.TokenType == JsonTokenType.Null && !required)
        {
            return null;
        }

        if (reader.TokenType != JsonTokenType.String)
        {
            return new CloudEventFault(name, $"'{name}' must be a string.");
        }

        return reader.ValueSpan.IsEmpty ? new CloudEventFault(name, $"'{name}' is empty. It must be a string of at least one character.")
            : AttributeText.FindFault(ref reader) is { } fault ? new CloudEventFault(name, $"'{name}' {fault}")
            : null;
    }

    private CloudEventFault? ReadId(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.Id, "id", required: true) is { } fault)
        {
            return fault;
        }

        if (reader.ValueIsEscaped)
        {
            var unescaped = new byte[reader.ValueSpan.Length];
            Id = unescaped.AsSpan(0, reader.CopyString(unescaped));
        }
        else
        {
            // Between its quotes.
            Id = _body[((int)reader.TokenStartIndex + 1)..((int)reader.BytesConsumed - 1)];
        }

        return null;
    }

    private CloudEventFault? ReadSchema(ref Utf8JsonReader reader) =>
        ReadText(ref reader, Seen.DataSchema, "dataschema", required: false) is { } fault ? fault
        : reader.TokenType == JsonTokenType.Null || AttributeText.IsAbsoluteUri(reader.GetString()) ? null
        : new CloudEventFault("dataschema", "'dataschema' is not an absolute URI such as https://example.com/schema.json.");

    private CloudEventFault? ReadSource(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.Source, "source", required: true) is { } fault)
        {
            return fault;
        }

        SourceLength = Copy(ref reader, _source);
        return null;
    }

    private CloudEventFault? ReadType(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.Type, "type", required: true) is { } fault)
        {
            return fault;
        }

        TypeLength = Copy(ref reader, _type);
        return null;
    }

    private CloudEventFault? ReadSpecVersion(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.SpecVersion, "specversion", required: true) is { } fault)
        {
            return fault;
        }

        return reader.ValueTextEquals("1.0"u8) ? null : new CloudEventFault("specversion", "'specversion' must be \"1.0\".");
    }

    private CloudEventFault? ReadTime(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.Time, "time", required: false) is { } fault)
        {
            return fault;
        }

        if (reader.TokenType == JsonTokenType.Null)
        {
            return null;
        }

        Span<char> text = stackalloc char[64];
        var length = reader.ValueSpan.Length > text.Length ? 0 : reader.CopyString(text);
        return Rfc3339.IsTimestamp(text[..length])
            ? null
            : new CloudEventFault("time", "'time' is not an RFC 3339 timestamp such as 2026-01-31T23:59:59.123Z.");
    }

    private CloudEventFault? ReadContentType(ref Utf8JsonReader reader)
    {
        if (ReadText(ref reader, Seen.DataContentType, "datacontenttype", required: false) is { } fault)
        {
            return fault;
        }

        if (reader.TokenType == JsonTokenType.Null || reader.ValueTextEquals("application/json"u8))
        {
            return null;
        }

        var mediaType = (reader.GetString() ?? "").AsSpan();
        var semicolon = mediaType.IndexOf(';');
        return (semicolon < 0 ? mediaType : mediaType[..semicolon]).Trim().Equals("application/json", StringComparison.OrdinalIgnoreCase)
            ? null
            : new CloudEventFault("datacontenttype", "'datacontenttype' must be application/json. Send the data as JSON.");
    }

    private CloudEventFault? ReadExtension(ref Utf8JsonReader reader, ref ExtensionNames extensions)
    {
        Span<char> buffer = stackalloc char[ExtensionNames.LengthMax];
        if (reader.ValueSpan.Length > ExtensionNames.LengthMax * 6)
        {
            return new CloudEventFault("", $"An attribute name is longer than {ExtensionNames.LengthMax} characters.");
        }

        var name = reader.ValueSpan.Length > buffer.Length ? reader.GetString().AsSpan() : buffer[..reader.CopyString(buffer)];
        if (name.Length is 0 or > ExtensionNames.LengthMax || name.ContainsAnyExcept(ExtensionNames.Allowed))
        {
            var shown = Edge.FieldChecks.Shown(name.ToString());
            return new CloudEventFault(shown, $"'{shown}' is no attribute name: names have 1 to {ExtensionNames.LengthMax} lower-case letters and digits. Put members of your own into 'data'.");
        }

        if (!extensions.TryAdd(name, out var problem))
        {
            return new CloudEventFault(name.ToString(), problem);
        }

        var isPhiData = name is "phidata";
        reader.Read();
        if (isPhiData)
        {
            PhiData = (int)reader.TokenStartIndex..(int)reader.BytesConsumed;
        }

        return reader.TokenType is JsonTokenType.StartArray or JsonTokenType.StartObject
            ? new CloudEventFault(name.ToString(), $"Extension '{name}' must be a string, a boolean or a number. Put structured values into 'data'.")
            : reader.TokenType == JsonTokenType.String && AttributeText.FindFault(ref reader) is { } fault
                ? new CloudEventFault(name.ToString(), $"Extension '{name}' {fault}")
                : null;
    }

    private CloudEventFault? Twice(Seen which, string name)
    {
        if ((_seen & which) != 0)
        {
            return new CloudEventFault(name, $"'{name}' is given twice. Give it once.");
        }

        _seen |= which;
        return null;
    }

    private readonly CloudEventFault? Missing() =>
        (_seen & Seen.Id) == 0 ? Missing("id", "an id that is unique within its source")
        : (_seen & Seen.Source) == 0 ? Missing("source", "urn:uuid:<provider id>")
        : (_seen & Seen.Type) == 0 ? Missing("type", "the event code")
        : _isSpecVersionRequired && (_seen & Seen.SpecVersion) == 0 ? Missing("specversion", "\"1.0\"")
        : null;

    private static CloudEventFault Missing(string name, string what) => new(name, $"'{name}' is missing. Give {what}.");

    private static int Copy(ref Utf8JsonReader reader, Span<char> target) =>
        reader.ValueSpan.Length <= target.Length ? reader.CopyString(target) : 0;

    /// <summary>The extension names seen so far, to find duplicates.</summary>
    private ref struct ExtensionNames
    {
        public const int LengthMax = 64;
        private const int CountMax = 64;

        public static readonly SearchValues<char> Allowed = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789");

        private string[]? _names;
        private int _count;

        public bool TryAdd(scoped ReadOnlySpan<char> name, out string problem)
        {
            problem = "";
            for (var i = 0; i < _count; i++)
            {
                if (name.SequenceEqual(_names![i]))
                {
                    problem = $"'{name}' is given twice. Give it once.";
                    return false;
                }
            }

            if (_count == CountMax)
            {
                problem = $"The event has more than {CountMax} extension attributes. Put members of your own into 'data'.";
                return false;
            }

            (_names ??= new string[CountMax])[_count++] = name.ToString();
            return true;
        }
    }
}
