namespace Signalbox.Runtime.WebActions;

/// <summary>
/// Keeps from browsers what an action may not say for the whole origin: the console stands on the same one. A sandbox policy
/// binds a page, not the headers that it came with.
/// </summary>
internal static class OriginGuard
{
    private static readonly HashSet<string> _originWide = new(StringComparer.OrdinalIgnoreCase)
    {
        "clear-site-data", "strict-transport-security", "public-key-pins", "public-key-pins-report-only", "expect-ct", "alt-svc",
        "nel", "report-to", "reporting-endpoints", "service-worker-allowed", "set-login",
        "sec-session-registration", "secure-session-registration",
    };

    /// <summary>How the names of the console's cookies begin, its framework's included.</summary>
    private static readonly string[] _consoleCookies = ["signalbox-", ".AspNetCore."];

    /// <summary>The values of a header that may pass; empty when none may.</summary>
    public static string[] Keep(string name, string[] values) =>
        _originWide.Contains(name) ? []
        : name.Equals("set-cookie", StringComparison.OrdinalIgnoreCase) ? [.. values.Where(MayPass)]
        : values;

    /// <summary>A cookie of its own and of this host alone. One without a name comes back as whatever its value spells.</summary>
    private static bool MayPass(string cookie)
    {
        var parts = cookie.Split(';');
        return parts[0].Trim().IndexOf('=', StringComparison.Ordinal) > 0
            && !_consoleCookies.Any(start => NamesWithin(parts[0], start))
            && !parts.Skip(1).Any(attribute => attribute.Split('=')[0].Trim().Equals("domain", StringComparison.OrdinalIgnoreCase));
    }

    /// <summary>
    /// True when such a name stands anywhere before a <c>=</c>: behind a prefix such as <c>__Host-</c>, and also within a
    /// value, because the web server takes <c>a=b,name=c</c> for two cookies.
    /// </summary>
    private static bool NamesWithin(string pair, string start) =>
        pair.IndexOf(start, StringComparison.OrdinalIgnoreCase) is >= 0 and var at && pair.IndexOf('=', at) > 0;
}
