using System.Text;
using System.Text.Json;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>The tokens of a filter's text, the path that is being read, and the error that ended the reading.</summary>
internal ref struct FilterReader
{
    private readonly ReadOnlySpan<byte> _text;
    private Utf8JsonReader _json;

    public FilterReader(ReadOnlySpan<byte> text, int maxDepth)
    {
        _text = text;
        _json = new Utf8JsonReader(text, new JsonReaderOptions { MaxDepth = maxDepth });
        Path = "";
    }

    public string Path { get; set; }

    public FilterError? Error { get; private set; }

    public readonly JsonTokenType TokenType => _json.TokenType;

    public readonly int TokenStart => (int)_json.TokenStartIndex;

    /// <summary>The bytes of a number, true, false or null as they stand.</summary>
    public readonly ReadOnlySpan<byte> Token => _json.ValueSpan;

    public bool Read() => _json.Read();

    /// <summary>Reads one more token. There is one: the reader throws when the text ends inside an object or array.</summary>
    public JsonTokenType ReadNext()
    {
        _json.Read();
        return _json.TokenType;
    }

    /// <summary>The unescaped bytes of a name or string.</summary>
    public readonly byte[] GetText()
    {
        if (!_json.ValueIsEscaped) return _json.ValueSpan.ToArray();
        var text = new byte[_json.ValueSpan.Length];
        return text[..Wtf8.Unescape(_json.ValueSpan, text)];
    }

    public readonly string GetString() => Wtf8.Decode(GetText());

    /// <summary>The token as a message shows it: a string without its quotes, anything else as written.</summary>
    public readonly string Describe() => _json.TokenType switch
    {
        JsonTokenType.String or JsonTokenType.PropertyName => GetString(),
        JsonTokenType.StartObject => "{",
        JsonTokenType.EndObject => "}",
        JsonTokenType.StartArray => "[",
        JsonTokenType.EndArray => "]",
        _ => Encoding.UTF8.GetString(_json.ValueSpan),
    };

    /// <summary>Ends the reading with an error at the current token. Always false.</summary>
    public bool Fail(string message) => FailAt(TokenStart, message);

    /// <summary>Ends the reading with an error at a byte of the text. Always false.</summary>
    public bool FailAt(int offset, string message)
    {
        var json = Encoding.UTF8.GetString(_text);
        Error = ErrorAt(json, Encoding.UTF8.GetCharCount(_text[..offset]), message, Path).Error;
        return false;
    }

    public static FilterParseResult ErrorAt(string json, int index, string message, string path)
    {
        var before = json.AsSpan(0, index);
        var lineStart = before.LastIndexOf('\n') + 1;
        return new FilterParseResult(new FilterError
        {
            Message = message,
            Path = path,
            Line = before.Count('\n') + 1,
            Column = index - lineStart + 1,
        });
    }

    public static FilterError SyntaxError(ReadOnlySpan<byte> text, JsonException syntax, string path)
    {
        var line = (int)(syntax.LineNumber ?? 0);
        var rest = text;
        for (var i = 0; i < line; i++) rest = rest[(rest.IndexOf((byte)'\n') + 1)..];
        var offset = Math.Min((int)(syntax.BytePositionInLine ?? 0), rest.Length);
        var place = syntax.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return new FilterError
        {
            Message = $"Filter is not valid JSON: {(place < 0 ? syntax.Message : syntax.Message[..place])}",
            Path = path,
            Line = line + 1,
            Column = Encoding.UTF8.GetCharCount(rest[..offset]) + 1,
        };
    }
}
