using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Signalbox.Events;

internal static class EventsMetrics
{
    public const string Name = "Signalbox.Events";

    public static readonly ActivitySource Activities = new(Name);

    public static readonly Meter Meter = new(Name);

    public static readonly Counter<long> Published = Meter.CreateCounter<long>(
        "signalbox.events.published", "{event}", "Events that were acknowledged after their commit.");

    public static readonly Counter<long> Duplicates = Meter.CreateCounter<long>(
        "signalbox.events.duplicates", "{event}", "Events that were acknowledged without being stored again.");

    public static readonly Counter<long> Publishes = Meter.CreateCounter<long>(
        "signalbox.events.publishes", "{request}", "Publish requests, by the status of their answer.");

    public static readonly Counter<long> JournalReads = Meter.CreateCounter<long>(
        "signalbox.events.journal.reads", "{request}", "Journal requests, by the status of their answer.");

    public static readonly Counter<long> Expired = Meter.CreateCounter<long>(
        "signalbox.events.expired", "{event}", "Events that were deleted after the journal's retention.");
}
