namespace Signalbox.Sandbox.Isolation;

/// <summary>The host refuses a part of the isolation; the message is what it answered.</summary>
internal sealed class IsolationException(string message) : Exception(message);
