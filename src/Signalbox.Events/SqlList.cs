using System.Globalization;

namespace Signalbox.Events;

/// <summary>Numbers as they stand between the parentheses of <c>IN (…)</c>; they need no parameters.</summary>
internal static class SqlList
{
    public static string Of(IEnumerable<long> numbers) => string.Join(',', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));
}
