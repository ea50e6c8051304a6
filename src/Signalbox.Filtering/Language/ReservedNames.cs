using System.Collections.Frozen;

namespace Signalbox.Filtering.Language;

/// <summary>Names of the pattern language that may not be field names inside <c>$or</c> (events behaviour, section 13.3).</summary>
internal static class ReservedNames
{
    private static readonly FrozenSet<string> Names = FrozenSet.Create(
        StringComparer.Ordinal,
        "exactly", "equals-ignore-case", "prefix", "suffix", "anything-but", "exists", "wildcard", "numeric", "cidr",
        "=", "<", "<=", ">", ">=",
        "regex", "not-wildcard", "not-equals-ignore-case",
        "date-after", "date-on-or-after", "date-before", "date-on-or-before", "in-date-range",
        "ip-address-in-range", "ip-address-not-in-range");

    public static bool Contains(string name) => Names.Contains(name);
}
