using System.Globalization;
using Signalbox.Events.Health;
using Signalbox.Events.Registrations;

namespace Signalbox.WebConsole.Registrations;

/// <summary>How far back the attempts of a registration are counted, for people.</summary>
internal static class TallyWords
{
    /// <summary>The whole window, or from where on the count was started anew.</summary>
    public static string Span(Registration registration, HealthThresholds thresholds, DateTimeOffset now) =>
        now - registration.MeasuredSince >= thresholds.Window
            ? string.Create(CultureInfo.InvariantCulture, $"in the last {thresholds.Window.TotalHours:0.#} h")
        : registration.Status == WebhookStatus.Unstable ? "since it became unstable"
        : registration.MeasuredSince <= registration.CreatedAt ? "since it was created"
        : "since it was edited";
}
