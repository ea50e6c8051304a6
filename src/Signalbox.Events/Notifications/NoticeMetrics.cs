using System.Diagnostics.Metrics;

namespace Signalbox.Events.Notifications;

internal static class NoticeMetrics
{
    /// <summary>Label: <c>channel</c> (email, webhook, log).</summary>
    public static readonly Counter<long> GivenUp = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.notices.given_up", "{notice}", "Notices that a channel refused until their attempts ended.");
}
