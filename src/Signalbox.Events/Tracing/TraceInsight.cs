namespace Signalbox.Events.Tracing;

/// <summary>Which events of one type a request carried.</summary>
internal sealed record TraceInsight(string ProviderName, string EventCode, IReadOnlyList<string> EventIds);
