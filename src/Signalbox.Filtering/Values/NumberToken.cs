using System.Buffers.Text;
using System.Globalization;

namespace Signalbox.Filtering.Values;

/// <summary>
/// Reads JSON number tokens. A number is comparable when its decimal value equals the shortest decimal rendering of its
/// IEEE-754 double (events behaviour, section 13.4). Among comparable numbers, equal doubles mean equal decimals, so the
/// double stands for the number. Others (20-digit account numbers, 1e400) are only ever equal to the same token.
/// </summary>
internal static class NumberToken
{
    private const int MaxSignificantDigits = 17;

    // Every decimal of up to 15 digits survives the way through a normal double.
    private const int AlwaysExactDigits = 15;
    private const int AlwaysExactExponent = 290;

    private static readonly double[] PowersOfTen =
    [
        1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
    ];

    /// <summary>The value, or false when the number is not comparable. Negative zero becomes zero.</summary>
    public static bool TryCompare(ReadOnlySpan<byte> token, out double value)
    {
        value = 0;
        if (!TryReadDecimal(token, out var negative, out var digits, out var exponent, out var count)) return false;
        if (digits == 0) return true;
        if (count <= AlwaysExactDigits && Math.Abs(exponent) <= AlwaysExactExponent)
        {
            value = Math.Abs(exponent) < PowersOfTen.Length
                ? Scale(digits, exponent)
                : ParseDouble(token);
            if (negative && value > 0) value = -value;
            return true;
        }
        value = ParseDouble(token);
        if (!double.IsFinite(value)) return false;
        Span<byte> shortest = stackalloc byte[40];
        return value.TryFormat(shortest, out var length, "R", CultureInfo.InvariantCulture)
            && TryReadDecimal(shortest[..length], out _, out var shortestDigits, out var shortestExponent, out _)
            && shortestDigits == digits && shortestExponent == exponent;
    }

    // Up to 15 digits and powers up to 22 are exact doubles, so one rounding is made and it is the right one.
    private static double Scale(ulong digits, int exponent) => exponent < 0
        ? digits / PowersOfTen[-exponent]
        : digits * PowersOfTen[exponent];

    private static double ParseDouble(ReadOnlySpan<byte> token) =>
        double.Parse(token, NumberStyles.Float, CultureInfo.InvariantCulture);

    /// <summary>
    /// Splits a token into digits without leading and trailing zeros and a power of ten. False when it has more than
    /// 17 significant digits or an exponent beyond all doubles; such a number cannot be comparable.
    /// </summary>
    private static bool TryReadDecimal(
        ReadOnlySpan<byte> token, out bool negative, out ulong digits, out int exponent, out int count)
    {
        negative = token[0] == '-';
        digits = 0;
        exponent = 0;
        count = 0;
        var pendingZeros = 0;
        var point = 0;
        var seenPoint = false;
        var i = negative ? 1 : 0;
        for (; i < token.Length && token[i] is not ((byte)'e' or (byte)'E'); i++)
        {
            if (token[i] == '.')
            {
                seenPoint = true;
                continue;
            }
            if (seenPoint) point++;
            if (token[i] == '0')
            {
                if (count > 0) pendingZeros++;
                continue;
            }
            count += pendingZeros + 1;
            if (count > MaxSignificantDigits) return false;
            for (; pendingZeros > 0; pendingZeros--) digits *= 10;
            digits = digits * 10 + (ulong)(token[i] - '0');
        }
        if (digits == 0) return true;
        var written = 0;
        if (i < token.Length && !TryReadExponent(token[(i + 1)..], out written)) return false;
        var power = (long)written - point + pendingZeros;
        exponent = (int)power;
        return Math.Abs(power) <= 1000;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        if (text[0] == '+') text = text[1..];
        return Utf8Parser.TryParse(text, out exponent, out var consumed) && consumed == text.Length
            && Math.Abs((long)exponent) < 10_000_000;
    }
}
