using System.Diagnostics.Metrics;

namespace Signalbox.Identity;

internal static class IdentityMetrics
{
    public const string MeterName = "Signalbox.Identity";

    private static readonly Meter _meter = new(MeterName);

    public static readonly Counter<long> TokensIssued = _meter.CreateCounter<long>(
        "signalbox.identity.tokens.issued", unit: "{token}", description: "Access tokens signed.");

    /// <summary>Label <c>error</c>: the OAuth error code.</summary>
    public static readonly Counter<long> TokensRefused = _meter.CreateCounter<long>(
        "signalbox.identity.tokens.refused", unit: "{request}", description: "Token requests refused.");

    /// <summary>Label <c>status</c>: 401, 403 or 429.</summary>
    public static readonly Counter<long> CallersRefused = _meter.CreateCounter<long>(
        "signalbox.identity.callers.refused", unit: "{request}", description: "Calls of the events APIs refused before their handler.");
}
