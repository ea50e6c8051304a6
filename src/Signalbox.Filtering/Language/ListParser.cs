using System.Text.Json;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>
/// Reads the list of one field: plain values and match expressions. The texts of the errors, and which of several
/// errors comes first, follow the reference compiler (events behaviour, section 13.5).
/// </summary>
internal static class ListParser
{
    private const string OneKeyOnly = "Only one key allowed in match expression";

    /// <summary>Reads up to the closing bracket; the opening one has been read.</summary>
    public static bool TryParse(ref FilterReader reader, out List<ValueTest> entries)
    {
        entries = [];
        while (reader.ReadNext() != JsonTokenType.EndArray)
        {
            if (!TryParseEntry(ref reader, out var entry)) return false;
            entries.Add(entry!);
        }
        return entries.Count > 0 || reader.Fail("Empty arrays are not allowed");
    }

    private static bool TryParseEntry(ref FilterReader reader, out ValueTest? entry)
    {
        entry = reader.TokenType switch
        {
            JsonTokenType.String => Plain(reader.GetText()),
            JsonTokenType.Number => Number(reader.Token),
            JsonTokenType.True => new ValueTest.Literal(LeafKind.True),
            JsonTokenType.False => new ValueTest.Literal(LeafKind.False),
            JsonTokenType.Null => new ValueTest.Literal(LeafKind.Null),
            _ => null,
        };
        if (entry is not null) return true;
        return reader.TokenType == JsonTokenType.StartObject
            ? TryParseExpression(ref reader, out entry)
            : reader.Fail("Match value must be String, number, true, false, or null");
    }

    private static ValueTest Plain(byte[] text) => IpLiteral.TryParse(text, out var address)
        ? new ValueTest.Network(address, address.Width)
        : new ValueTest.ExactText(text);

    private static ValueTest Number(ReadOnlySpan<byte> token) => NumberToken.TryCompare(token, out var number)
        ? new ValueTest.Number(number)
        : new ValueTest.Token(token.ToArray());

    private static bool TryParseExpression(ref FilterReader reader, out ValueTest? test)
    {
        test = null;
        if (reader.ReadNext() != JsonTokenType.PropertyName) return reader.Fail("Match expression name not found");
        var operation = reader.GetString();
        var parsed = operation switch
        {
            "prefix" => TryParseAffix(ref reader, AffixSide.Prefix, out test),
            "suffix" => TryParseAffix(ref reader, AffixSide.Suffix, out test),
            "equals-ignore-case" => TryParseIgnoreCase(ref reader, out test),
            "anything-but" => AnythingButParser.TryParse(ref reader, out test),
            "numeric" => NumericParser.TryParse(ref reader, out test),
            "exists" => TryParseExists(ref reader, out test),
            "cidr" => CidrParser.TryParse(ref reader, out test),
            "exactly" => reader.Fail("Unsupported match type exactly; write the plain string instead"),
            _ => reader.Fail($"Unrecognized match type {operation}"),
        };
        return parsed && TryEndExpression(ref reader);
    }

    internal static bool TryEndExpression(ref FilterReader reader) =>
        reader.ReadNext() == JsonTokenType.EndObject || reader.Fail(OneKeyOnly);

    private static bool TryParseAffix(ref FilterReader reader, AffixSide side, out ValueTest? test)
    {
        test = null;
        var name = side == AffixSide.Prefix ? "prefix" : "suffix";
        switch (reader.ReadNext())
        {
            case JsonTokenType.String:
                test = new ValueTest.Affix(side, IgnoreCase: false, reader.GetText());
                return true;
            case JsonTokenType.StartObject:
                break;
            default:
                return reader.Fail($"{name} match pattern must be a string");
        }
        if (reader.ReadNext() != JsonTokenType.PropertyName)
        {
            return reader.Fail($"{(side == AffixSide.Prefix ? "Prefix" : "Suffix")} expression name not found");
        }
        var operation = reader.GetString();
        if (operation != "equals-ignore-case") return reader.Fail($"Unsupported {name} pattern: {operation}");
        if (!TryReadFolded(ref reader, out var folded)) return false;
        test = new ValueTest.Affix(side, IgnoreCase: true, folded);
        return TryEndExpression(ref reader);
    }

    private static bool TryParseIgnoreCase(ref FilterReader reader, out ValueTest? test)
    {
        test = null;
        if (!TryReadFolded(ref reader, out var folded)) return false;
        test = new ValueTest.FoldedText(folded);
        return true;
    }

    private static bool TryReadFolded(ref FilterReader reader, out byte[] folded)
    {
        folded = [];
        if (reader.ReadNext() != JsonTokenType.String)
        {
            return reader.Fail("equals-ignore-case match pattern must be a string");
        }
        folded = CaseFolding.Fold(reader.GetText());
        return true;
    }

    private static bool TryParseExists(ref FilterReader reader, out ValueTest? test)
    {
        test = reader.ReadNext() switch
        {
            JsonTokenType.True => new ValueTest.Present(),
            JsonTokenType.False => new ValueTest.Absent(),
            _ => null,
        };
        return test is not null || reader.Fail("exists match pattern must be either true or false.");
    }
}
