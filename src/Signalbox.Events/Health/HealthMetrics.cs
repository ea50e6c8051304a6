using System.Diagnostics.Metrics;

namespace Signalbox.Events.Health;

internal static class HealthMetrics
{
    /// <summary>Label: <c>status</c>, the new one.</summary>
    public static readonly Counter<long> StatusChanges = EventsMetrics.Meter.CreateCounter<long>(
        "signalbox.events.registrations.status_changes", "{change}", "Registrations whose deliveries changed their status.");
}
