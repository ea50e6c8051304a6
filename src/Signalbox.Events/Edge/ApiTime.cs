using System.Globalization;

namespace Signalbox.Events.Edge;

/// <summary>Times as the room's bodies write them, and as its queries may give them.</summary>
internal static class ApiTime
{
    /// <summary>ISO 8601, UTC, with milliseconds.</summary>
    public static string Format(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);

    /// <summary>An ISO 8601 time with its offset, such as <c>2026-01-31T12:00:00Z</c>. A date alone is its midnight in UTC.</summary>
    public static bool TryParse(string text, out DateTimeOffset at) =>
        DateTimeOffset.TryParseExact(
            text,
            ["yyyy-MM-dd", "yyyy-MM-dd'T'HH:mmK", "yyyy-MM-dd'T'HH:mm:ssK", "yyyy-MM-dd'T'HH:mm:ss.FFFFFFFK"],
            CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out at);
}
