namespace Signalbox.Events.Ingress;

/// <summary>Timestamps of RFC 3339.</summary>
internal static class Rfc3339
{
    /// <summary>True for <c>YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)</c> that names a real moment; a leap second is one.</summary>
    public static bool IsTimestamp(ReadOnlySpan<char> text)
    {
        if (text.Length < 20 || text[4] != '-' || text[7] != '-' || text[10] is not ('T' or 't') || text[13] != ':' || text[16] != ':'
            || !TryNumber(text[..4], out var year) || !TryNumber(text[5..7], out var month) || !TryNumber(text[8..10], out var day)
            || !TryNumber(text[11..13], out var hour) || !TryNumber(text[14..16], out var minute) || !TryNumber(text[17..19], out var second))
        {
            return false;
        }

        if (year < 1 || month is < 1 or > 12 || day < 1 || day > DateTime.DaysInMonth(year, month) || hour > 23 || minute > 59 || second > 60)
        {
            return false;
        }

        var rest = text[19..];
        if (rest[0] == '.')
        {
            var end = rest[1..].IndexOfAnyExceptInRange('0', '9');
            if (end <= 0)
            {
                return false;
            }

            rest = rest[(end + 1)..];
        }

        return rest is "Z" or "z"
            || (rest.Length == 6 && rest[0] is '+' or '-' && rest[3] == ':'
                && TryNumber(rest[1..3], out var hours) && hours <= 23 && TryNumber(rest[4..6], out var minutes) && minutes <= 59);
    }

    private static bool TryNumber(ReadOnlySpan<char> digits, out int number)
    {
        number = 0;
        foreach (var digit in digits)
        {
            if (!char.IsAsciiDigit(digit))
            {
                return false;
            }

            number = (number * 10) + (digit - '0');
        }

        return true;
    }
}
