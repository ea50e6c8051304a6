namespace Signalbox.Events.Egress;

/// <summary>The target may not be called.</summary>
internal sealed class TargetRefusedException(string message) : Exception(message);
