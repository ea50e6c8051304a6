using System.Text;
using System.Text.Json;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>Reads the argument of <c>numeric</c>: <c>["=", n]</c>, one bound, or a lower and then an upper bound.</summary>
internal static class NumericParser
{
    private const string TooManyElements = "Too many elements in numeric expression";

    public static bool TryParse(ref FilterReader reader, out ValueTest? test)
    {
        test = null;
        if (reader.ReadNext() != JsonTokenType.StartArray) return reader.Fail("Value of numeric must be an array.");
        if (reader.ReadNext() != JsonTokenType.String)
        {
            return reader.Fail($"Invalid member in numeric match: {reader.Describe()}");
        }
        var operation = reader.GetString();
        if (operation is not ("=" or "<" or "<=" or ">" or ">="))
        {
            return reader.Fail($"Unrecognized numeric range operator: {operation}");
        }
        if (!TryReadNumber(ref reader, operation, out var number)) return false;
        if (operation is ">" or ">=") return TryParseUpperBound(ref reader, number, operation == ">=", out test);
        if (reader.ReadNext() != JsonTokenType.EndArray) return reader.Fail(TooManyElements);
        test = operation == "="
            ? new ValueTest.Number(number)
            : new ValueTest.NumericRange(new NumericBounds(double.NegativeInfinity, true, number, operation == "<="));
        return true;
    }

    private static bool TryParseUpperBound(ref FilterReader reader, double low, bool lowIncluded, out ValueTest? test)
    {
        test = null;
        switch (reader.ReadNext())
        {
            case JsonTokenType.EndArray:
                test = new ValueTest.NumericRange(new NumericBounds(low, lowIncluded, double.PositiveInfinity, true));
                return true;
            case JsonTokenType.String:
                break;
            default:
                return reader.Fail($"Bad value in numeric range: {reader.Describe()}");
        }
        var operation = reader.GetString();
        if (operation is not ("<" or "<=")) return reader.Fail($"Bad numeric range operator: {operation}");
        if (!TryReadNumber(ref reader, operation, out var high)) return false;
        var highStart = reader.TokenStart;
        if (reader.ReadNext() != JsonTokenType.EndArray) return reader.Fail("Too many terms in numeric range expression");
        if (low >= high) return reader.FailAt(highStart, "Bottom must be less than top");
        test = new ValueTest.NumericRange(new NumericBounds(low, lowIncluded, high, operation == "<="));
        return true;
    }

    private static bool TryReadNumber(ref FilterReader reader, string operation, out double number)
    {
        number = 0;
        if (reader.ReadNext() != JsonTokenType.Number)
        {
            return reader.Fail($"Value of {(operation == "=" ? "equals" : operation)} must be numeric");
        }
        return TryCompare(ref reader, out number);
    }

    /// <summary>The number at the reader, which must be one that can be compared.</summary>
    internal static bool TryCompare(ref FilterReader reader, out double number) =>
        NumberToken.TryCompare(reader.Token, out number)
        || reader.Fail($"Cannot compare number : {Encoding.UTF8.GetString(reader.Token)}");
}
