using System.Globalization;
using System.Net;
using System.Numerics;
using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace Signalbox.Filtering.Tests.Reference;

/// <summary>What one list entry accepts, after the table and the operators of events behaviour, section 13.4.</summary>
internal static partial class PlainValues
{
    public static bool AcceptsAbsence(JsonElement entry) =>
        entry.ValueKind == JsonValueKind.Object
        && entry.TryGetProperty("exists", out var exists)
        && exists.ValueKind == JsonValueKind.False;

    public static bool Accepts(JsonElement entry, JsonElement value) => entry.ValueKind switch
    {
        JsonValueKind.Object => AcceptsExpression(entry.EnumerateObject().Single(), value),
        JsonValueKind.String => value.ValueKind == JsonValueKind.String && TextsEqual(entry.GetString()!, value.GetString()!),
        JsonValueKind.Number => value.ValueKind == JsonValueKind.Number && NumbersEqual(entry.GetRawText(), value.GetRawText()),
        var literal => value.ValueKind == literal,
    };

    private static bool AcceptsExpression(JsonProperty expression, JsonElement value)
    {
        var argument = expression.Value;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        switch (expression.Name)
        {
            case "exists":
                return argument.GetBoolean();
            case "prefix" when argument.ValueKind == JsonValueKind.Object:
                return text is not null && Fold(text).StartsWith(Fold(argument.GetProperty("equals-ignore-case").GetString()!), StringComparison.Ordinal);
            case "prefix":
                return text is not null && text.StartsWith(argument.GetString()!, StringComparison.Ordinal);
            case "suffix" when argument.ValueKind == JsonValueKind.Object:
                return text is not null && Fold(text).EndsWith(Fold(argument.GetProperty("equals-ignore-case").GetString()!), StringComparison.Ordinal);
            case "suffix":
                return text is not null && text.EndsWith(argument.GetString()!, StringComparison.Ordinal);
            case "equals-ignore-case":
                return text is not null && Fold(text) == Fold(argument.GetString()!);
            case "numeric":
                return value.ValueKind == JsonValueKind.Number && InRange([.. argument.EnumerateArray()], value.GetRawText());
            case "cidr":
                return text is not null && InNetwork(argument.GetString()!, text);
            case "anything-but":
                return !Refused(argument, value).Any();
            default:
                throw new ArgumentOutOfRangeException(nameof(expression), expression.Name);
        }
    }

    private static IEnumerable<JsonElement> Refused(JsonElement argument, JsonElement value)
    {
        var operation = argument.ValueKind == JsonValueKind.Object ? argument.EnumerateObject().Single().Name : null;
        var list = operation is null ? argument : argument.GetProperty(operation);
        IEnumerable<JsonElement> entries = list.ValueKind == JsonValueKind.Array ? list.EnumerateArray() : [list];
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        return entries.Where(entry => (operation, entry.ValueKind) switch
        {
            (null, JsonValueKind.String) => text == entry.GetString(),
            (null, _) => value.ValueKind == JsonValueKind.Number && NumbersEqual(entry.GetRawText(), value.GetRawText()),
            ("prefix", _) => text is not null && text.StartsWith(entry.GetString()!, StringComparison.Ordinal),
            ("suffix", _) => text is not null && text.EndsWith(entry.GetString()!, StringComparison.Ordinal),
            _ => text is not null && Fold(text) == Fold(entry.GetString()!),
        });
    }

    private static bool TextsEqual(string left, string right) =>
        left == right || (Address(left) is { } a && Address(right) is { } b && a == b);

    private static (int Width, BigInteger Bits)? Address(string text)
    {
        if (Ipv4().Match(text) is { Success: true } parts && text.Length <= 15)
        {
            var bytes = parts.Groups.Values.Skip(1).Select(part => BigInteger.Parse(part.Value, CultureInfo.InvariantCulture)).ToList();
            return bytes.All(part => part <= 255) ? (32, bytes.Aggregate((sum, part) => sum * 256 + part)) : null;
        }
        if (!Ipv6().IsMatch(text) || text.Split(':').Any(group => group.Length > 4)) return null;
        return IPAddress.TryParse(text, out var address)
            ? (128, new BigInteger(address.GetAddressBytes(), isUnsigned: true, isBigEndian: true))
            : null;
    }

    private static bool InNetwork(string cidr, string text)
    {
        var (width, bits) = Address(cidr.Split('/')[0])!.Value;
        var shift = width - int.Parse(cidr.Split('/')[1], CultureInfo.InvariantCulture);
        return Address(text) is { } address && address.Width == width && address.Bits >> shift == bits >> shift;
    }

    private static string Fold(string text) => string.Concat(text.EnumerateRunes()
        .Select(rune => Rune.ToLowerInvariant(Rune.ToUpperInvariant(rune)).ToString()));

    private static bool NumbersEqual(string left, string right) =>
        left == right || (Comparable(left) is { } a && Comparable(right) is { } b && a.CompareTo(b) == 0);

    private static bool InRange(JsonElement[] range, string token)
    {
        if (Comparable(token) is not { } number) return false;
        for (var i = 0; i < range.Length; i += 2)
        {
            var order = number.CompareTo(Comparable(range[i + 1].GetRawText())!.Value);
            var holds = range[i].GetString() switch
            {
                "=" => order == 0,
                "<" => order < 0,
                "<=" => order <= 0,
                ">" => order > 0,
                _ => order >= 0,
            };
            if (!holds) return false;
        }
        return true;
    }

    /// <summary>The exact decimal, if it equals the shortest rendering of its double.</summary>
    private static ExactDecimal? Comparable(string token)
    {
        var number = double.Parse(token, CultureInfo.InvariantCulture);
        if (!double.IsFinite(number)) return null;
        var exact = ExactDecimal.Parse(token);
        return exact.CompareTo(ExactDecimal.Parse(number.ToString("R", CultureInfo.InvariantCulture))) == 0 ? exact : null;
    }

    private readonly record struct ExactDecimal(BigInteger Digits, int Exponent) : IComparable<ExactDecimal>
    {
        public static ExactDecimal Parse(string token)
        {
            var parts = token.ToUpperInvariant().Split('E');
            var exponent = parts.Length == 2 ? int.Parse(parts[1], CultureInfo.InvariantCulture) : 0;
            var point = parts[0].IndexOf('.', StringComparison.Ordinal);
            if (point >= 0) exponent -= parts[0].Length - point - 1;
            return new ExactDecimal(
                BigInteger.Parse(parts[0].Replace(".", "", StringComparison.Ordinal), CultureInfo.InvariantCulture), exponent);
        }

        public int CompareTo(ExactDecimal other)
        {
            var least = Math.Min(Exponent, other.Exponent);
            return (Digits * BigInteger.Pow(10, Exponent - least))
                .CompareTo(other.Digits * BigInteger.Pow(10, other.Exponent - least));
        }
    }

    [GeneratedRegex(@"^([0-9]+)\.([0-9]+)\.([0-9]+)\.([0-9]+)\z")]
    private static partial Regex Ipv4();

    [GeneratedRegex(@"^[0-9a-fA-F:]*:[0-9a-fA-F:]*\z")]
    private static partial Regex Ipv6();
}
