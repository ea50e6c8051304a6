namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>Calls that are refused for one reason.</summary>
internal sealed record DeniedGroup(string Reason, IReadOnlyList<SystemCall> Calls);
