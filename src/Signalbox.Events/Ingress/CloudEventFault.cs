namespace Signalbox.Events.Ingress;

/// <summary>Why a CloudEvent is refused.</summary>
/// <param name="Attribute">The attribute in question; empty when it is the whole.</param>
internal sealed record CloudEventFault(string Attribute, string Message);
