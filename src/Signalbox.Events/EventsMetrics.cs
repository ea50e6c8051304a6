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
}
