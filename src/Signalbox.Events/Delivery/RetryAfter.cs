using System.Globalization;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Delivery;

/// <summary>The wish of an endpoint not to be called before a time (RFC 9110, section 10.2.3).</summary>
internal static class RetryAfter
{
    private static readonly TimeSpan _spreadMax = TimeSpan.FromMinutes(1);

    /// <summary>Whoever asks for more gets this: twice the retries' lifetime, so that a slip does not silence a registration for good.</summary>
    private static readonly TimeSpan _waitMax = RetrySchedule.Lifetime * 2;

    /// <summary>No endpoint is left alone for longer.</summary>
    public static readonly TimeSpan PauseMax = _waitMax + _spreadMax;

    /// <summary>
    /// When the endpoint may be called again: never earlier than it asks, and up to a tenth (at most a minute) later, so
    /// that not all who were sent away come back at once. Null when it asks for nothing, or for a time that has passed.
    /// </summary>
    /// <param name="exchange">What came back.</param>
    /// <param name="draw">From 0 to below 1.</param>
    public static DateTimeOffset? Find(Exchange exchange, double draw)
    {
        var wait = Read(exchange.Header("retry-after")?.Trim() ?? "", exchange.EndedAt) is var asked && asked < _waitMax ? asked : _waitMax;
        return wait <= TimeSpan.Zero
            ? null
            : exchange.EndedAt + wait + (draw * (wait / 10 < _spreadMax ? wait / 10 : _spreadMax));
    }

    private static TimeSpan Read(string value, DateTimeOffset now)
    {
        if (value.Length > 0 && value.All(char.IsAsciiDigit))
        {
            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seconds) ? TimeSpan.FromSeconds(seconds) : _waitMax;
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
