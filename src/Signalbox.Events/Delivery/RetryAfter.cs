using System.Globalization;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Delivery;

/// <summary>The wish of an endpoint not to be called before a time (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan _spreadMax = TimeSpan.FromMinutes(1);

    /// <summary>
    /// When the endpoint may be called again: never earlier than it asks, and up to a tenth (at most a minute) later, so
    /// that not all who were sent away come back at once. Null when it asks for nothing, or for a time that has passed.
    /// </summary>
    /// <param name="exchange">What came back.</param>
    /// <param name="draw">From 0 to below 1.</param>
    public static DateTimeOffset? Find(Exchange exchange, double draw)
    {
        var value = exchange.ResponseHeaders.FirstOrDefault(header => header.Key == "retry-after").Value is [var first, ..] ? first.Trim() : "";
        var wait = Read(value, exchange.EndedAt);
        return wait <= TimeSpan.Zero
            ? null
            : exchange.EndedAt + wait + (draw * (wait / 10 < _spreadMax ? wait / 10 : _spreadMax));
    }

    private static TimeSpan Read(string value, DateTimeOffset now)
    {
        if (value.Length is > 0 and <= 12 && value.All(char.IsAsciiDigit))
        {
            // Beyond the retries' lifetime it makes no difference how much.
            var seconds = long.Parse(value, CultureInfo.InvariantCulture);
            return seconds > RetrySchedule.Lifetime.TotalSeconds * 2 ? RetrySchedule.Lifetime * 2 : TimeSpan.FromSeconds(seconds);
        }

        return DateTimeOffset.TryParseExact(
            value,
            ["r", "dddd, dd-MMM-yy HH:mm:ss 'GMT'", "ddd MMM d HH:mm:ss yyyy"],
            CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AllowInnerWhite,
            out var at)
            ? at - now
            : TimeSpan.Zero;
    }
}
