using System.Text.Json;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>Reads the argument of <c>anything-but</c>: a value, a list of values, or texts below an operator.</summary>
internal static class AnythingButParser
{
    private const string NotAValue = "Value of anything-but must be an array or single string/number value.";

    public static bool TryParse(ref FilterReader reader, out ValueTest? test)
    {
        var refused = new List<ValueTest>();
        test = null;
        var parsed = reader.ReadNext() switch
        {
            JsonTokenType.String or JsonTokenType.Number => TryReadValue(ref reader, refused),
            JsonTokenType.StartArray => TryReadValues(ref reader, refused),
            JsonTokenType.StartObject => TryReadOperator(ref reader, refused),
            _ => reader.Fail(NotAValue),
        };
        if (!parsed) return false;
        test = new ValueTest.AnythingBut([.. refused]);
        return true;
    }

    private static bool TryReadValues(ref FilterReader reader, List<ValueTest> refused)
    {
        while (reader.ReadNext() != JsonTokenType.EndArray)
        {
            if (!TryReadValue(ref reader, refused)) return false;
        }
        var texts = refused.Count(value => value is ValueTest.ExactText);
        return (refused.Count > 0 && (texts == 0 || texts == refused.Count)) || reader.Fail(
            "Inside anything but list, either all values are number or string, mixed type is not supported");
    }

    private static bool TryReadValue(ref FilterReader reader, List<ValueTest> refused)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.String:
                refused.Add(new ValueTest.ExactText(reader.GetText()));
                return true;
            case JsonTokenType.Number:
                if (!NumericParser.TryCompare(ref reader, out var number)) return false;
                refused.Add(new ValueTest.Number(number));
                return true;
            default:
                return reader.Fail("Inside anything but list, start|null|boolean is not supported.");
        }
    }

    private static bool TryReadOperator(ref FilterReader reader, List<ValueTest> refused)
    {
        if (reader.ReadNext() != JsonTokenType.PropertyName) return reader.Fail("Anything-But expression name not found");
        var operation = reader.GetString();
        if (operation is not ("prefix" or "suffix" or "equals-ignore-case"))
        {
            return reader.Fail($"Unsupported anything-but pattern: {operation}");
        }
        switch (reader.ReadNext())
        {
            case JsonTokenType.StartArray:
                while (reader.ReadNext() != JsonTokenType.EndArray)
                {
                    if (!TryReadText(ref reader, operation, refused)) return false;
                }
                if (refused.Count == 0) return reader.Fail("Empty arrays are not allowed");
                break;
            case JsonTokenType.String or JsonTokenType.Number:
                if (!TryReadText(ref reader, operation, refused)) return false;
                break;
            default:
                return reader.Fail(NotAValue);
        }
        return ListParser.TryEndExpression(ref reader);
    }

    private static bool TryReadText(ref FilterReader reader, string operation, List<ValueTest> refused)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            return reader.Fail(operation == "equals-ignore-case"
                ? "Inside anything-but/equals-ignore-case list, number|start|null|boolean is not supported."
                : "prefix/suffix match pattern must be a string");
        }
        var text = reader.GetText();
        if (operation == "equals-ignore-case")
        {
            refused.Add(new ValueTest.FoldedText(CaseFolding.Fold(text)));
            return true;
        }
        if (text.Length == 0) return reader.Fail("Null prefix/suffix not allowed");
        var side = operation == "prefix" ? AffixSide.Prefix : AffixSide.Suffix;
        refused.Add(new ValueTest.Affix(side, IgnoreCase: false, text));
        return true;
    }
}
