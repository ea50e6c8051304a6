using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Journal;

/// <summary>What a journal request asks for (events behaviour, section 12.3).</summary>
internal sealed partial record JournalQuery
{
    /// <summary>Events after this sequence; null when no position was given.</summary>
    public long? Since { get; init; }

    /// <summary>The position as sent.</summary>
    public string? SinceText { get; init; }

    /// <summary>At most this many events; null when not given.</summary>
    public int? Limit { get; init; }

    /// <summary>Start at the end; a position wins over it.</summary>
    public bool IsLatest { get; init; }

    /// <summary>How far back to start; null when not given.</summary>
    public TimeSpan? Seek { get; init; }

    public static Outcome<JournalQuery> Parse(IQueryCollection query, RegistrationId registration)
    {
        var sinceText = Text(query, "since");
        var seekText = Text(query, "seek");
        long? since = null;
        if (sinceText is not null)
        {
            if (!JournalPosition.TryParse(registration, sinceText, out var sequence))
            {
                return ApiRefusal.BadField("since", $"'since' is '{FieldChecks.Shown(sinceText)}', which is no position of this journal. Take it from 'position' or from a link.");
            }

            since = sequence;
        }

        var limitText = Text(query, "limit");
        var limit = 0;
        if (limitText is not null
            && (!int.TryParse(limitText, NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1))
        {
            return ApiRefusal.BadField("limit", $"'limit' is '{FieldChecks.Shown(limitText)}'. It must be a number from 1 to {int.MaxValue}.");
        }

        var latestText = Text(query, "latest");
        var latest = false;
        if (latestText is not null && !bool.TryParse(latestText, out latest))
        {
            return ApiRefusal.BadField("latest", $"'latest' is '{FieldChecks.Shown(latestText)}'. It must be true or false.");
        }

        TimeSpan? seek = null;
        if (seekText is not null)
        {
            if (since is not null || latest)
            {
                return ApiRefusal.BadField("seek", "'seek' does not go with 'since' or 'latest'. Use it for the first call, then follow the 'next' link.");
            }

            if (!TryParseSeek(seekText, out var back))
            {
                return ApiRefusal.BadField("seek", $"'seek' is '{FieldChecks.Shown(seekText)}'. It must be a negative ISO 8601 duration, such as -PT2H or -P1D.");
            }

            seek = back;
        }

        return new JournalQuery
        {
            Since = since,
            SinceText = sinceText,
            Limit = limitText is null ? null : limit,
            IsLatest = latest && since is null,
            Seek = seek,
        };
    }

    private static bool TryParseSeek(string text, out TimeSpan back)
    {
        back = default;
        try
        {
            // Weeks are a form of their own in ISO 8601, which durations of XML lack.
            var duration = text is ['-', 'P', .. var weeks, 'W'] && int.TryParse(weeks, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
                ? TimeSpan.FromDays(checked(-7 * count))
                : XmlConvert.ToTimeSpan(text);
            back = duration == TimeSpan.MinValue ? TimeSpan.MaxValue : duration.Negate();
        }
        catch (Exception exception) when (exception is FormatException or OverflowException)
        {
            // What is too long for a time is further back than any journal goes.
            back = NegativeDuration.IsMatch(text) ? TimeSpan.MaxValue : TimeSpan.Zero;
        }

        return back > TimeSpan.Zero;
    }

    /// <summary>ISO 8601, below zero; of hours, minutes and seconds one at least follows the T.</summary>
    [GeneratedRegex(@"\A-P(?=[0-9T])(?=.*[1-9])([0-9]+W|([0-9]+Y)?([0-9]+M)?([0-9]+D)?(T(?=[0-9])([0-9]+H)?([0-9]+M)?([0-9]+(\.[0-9]+)?S)?)?)\z")]
    private static partial Regex NegativeDuration { get; }

    private static string? Text(IQueryCollection query, string name) =>
        query.TryGetValue(name, out var values) ? values.ToString() : null;
}
