using System.Text;
using System.Text.Json;

namespace Signalbox.Filtering.Language;

/// <summary>
/// Reads the objects of a filter: descending members, lists and <c>$or</c> (events behaviour, section 13.3). It reads
/// the text as a stream, because members with the same name are legal as long as their leaves differ. Lists are read by
/// <see cref="ListParser"/>. The first error ends the reading; every method returns false then. A prefix is the path of
/// the object being read, null at the top: the empty text is a path too.
/// </summary>
internal ref struct FilterParser
{
    private const string OrKeyword = "$or";
    private const int MaxJsonDepth = 256;

    private readonly PathRegister _paths;
    private FilterReader _reader;
    private int _orNesting;
    private int _objectDepth;

    private FilterParser(ReadOnlySpan<byte> text)
    {
        _reader = new FilterReader(text, MaxJsonDepth);
        _paths = new PathRegister();
    }

    public static FilterParseResult Parse(string json)
    {
        if (json.Length > FilterLimits.MaxTextLength)
        {
            return At(1, 1, $"Filter is too long: {json.Length} characters, at most {FilterLimits.MaxTextLength} are allowed");
        }
        byte[] text;
        try
        {
            text = new UTF8Encoding(false, throwOnInvalidBytes: true).GetBytes(json);
        }
        catch (EncoderFallbackException invalid)
        {
            return FilterReader.ErrorAt(json, invalid.Index, "Filter is not valid JSON: half of a surrogate pair", "");
        }
        if (string.IsNullOrWhiteSpace(json)) return At(1, 1, "Filter is not an object");

        var parser = new FilterParser(text);
        try
        {
            return parser.TryParseFilter(out var tree) && parser.TryExpand(tree, out var alternatives)
                ? new FilterParseResult(new EventFilter(alternatives))
                : new FilterParseResult(parser._reader.Error!);
        }
        catch (JsonException syntax)
        {
            return new FilterParseResult(FilterReader.SyntaxError(text, syntax, parser._reader.Path));
        }
    }

    private static FilterParseResult At(int line, int column, string message) =>
        new(new FilterError { Message = message, Path = "", Line = line, Column = column });

    private bool TryParseFilter(out FilterNode.All tree)
    {
        tree = new FilterNode.All([]);
        _reader.Read();
        if (_reader.TokenType != JsonTokenType.StartObject) return _reader.Fail("Filter is not an object");
        if (!TryParseObject(null, tree.Parts)) return false;

        // Only white space may follow; the reader throws at anything else.
        while (_reader.Read())
        {
        }
        return true;
    }

    private bool TryParseObject(string? prefix, List<FilterNode> parts)
    {
        if (++_objectDepth > FilterLimits.MaxObjectDepth)
        {
            return _reader.Fail($"Filter is nested too deeply: at most {FilterLimits.MaxObjectDepth} objects inside each other are allowed");
        }
        var isEmpty = true;
        while (_reader.ReadNext() != JsonTokenType.EndObject)
        {
            isEmpty = false;
            if (!TryParseMember(prefix, parts)) return false;
            _reader.Path = prefix ?? "";
        }
        _objectDepth--;
        return !isEmpty || _reader.Fail("Empty objects are not allowed");
    }

    private bool TryParseMember(string? prefix, List<FilterNode> parts)
    {
        var name = _reader.GetString();
        if (name == OrKeyword) return TryParseOr(prefix, parts);

        var path = prefix is null ? name : $"{prefix}.{name}";
        _reader.Path = path;
        if (_orNesting > 0 && ReservedNames.Contains(name))
        {
            return _reader.Fail($"{name} is Ruler reserved fieldName which cannot be used inside {OrKeyword}.");
        }
        switch (_reader.ReadNext())
        {
            case JsonTokenType.StartObject:
                return TryParseObject(path, parts);
            case JsonTokenType.StartArray:
                var start = _reader.TokenStart;
                if (!ListParser.TryParse(ref _reader, out var entries)) return false;
                if (!_paths.TryAdd(path)) return _reader.FailAt(start, $"Path `{path}` cannot be allowed multiple times");
                parts.Add(new FilterNode.Test(new FieldTest(path, entries)));
                return true;
            default:
                return _reader.Fail($"\"{name}\" must be an object or an array");
        }
    }

    private bool TryParseOr(string? prefix, List<FilterNode> parts)
    {
        if (++_orNesting > FilterLimits.MaxOrNesting)
        {
            return _reader.Fail($"{OrKeyword} is nested too deeply: at most {FilterLimits.MaxOrNesting} levels are allowed");
        }
        if (_reader.ReadNext() != JsonTokenType.StartArray)
        {
            return _reader.Fail($"It must be an Array followed with {OrKeyword}.");
        }
        var branches = new List<FilterNode>();
        var scope = _paths.EnterOr();
        while (_reader.ReadNext() != JsonTokenType.EndArray)
        {
            if (_reader.TokenType != JsonTokenType.StartObject)
            {
                return _reader.Fail($"Only JSON object is allowed in array of {OrKeyword} relationship.");
            }
            _paths.EnterBranch(scope, branches.Count);
            var branch = new FilterNode.All([]);
            if (!TryParseObject(prefix, branch.Parts)) return false;
            branches.Add(branch);
        }
        _paths.LeaveOr();
        _orNesting--;
        if (branches.Count < 2) return _reader.Fail($"There must have at least 2 Objects in {OrKeyword} relationship.");
        parts.Add(new FilterNode.Any(branches));
        return true;
    }

    private bool TryExpand(FilterNode tree, out FilterAlternative[] alternatives)
    {
        alternatives = [];
        _reader.Path = "";
        var size = ExpandedSize.Of(tree);
        if (size.Alternatives > FilterLimits.MaxAlternatives)
        {
            return _reader.FailAt(0, $"Filter has too many combinations: {OrKeyword} gives more than {FilterLimits.MaxAlternatives} alternatives");
        }
        if (size.Tests > FilterLimits.MaxExpandedTests)
        {
            return _reader.FailAt(0, $"Filter has too many combinations: its alternatives hold more than {FilterLimits.MaxExpandedTests} field tests");
        }
        alternatives = FilterNode.Expand(tree);
        return true;
    }
}
