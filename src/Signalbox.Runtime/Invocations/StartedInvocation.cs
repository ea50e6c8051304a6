using Signalbox.Runtime.Activations;

namespace Signalbox.Runtime.Invocations;

/// <summary>A run that has been started.</summary>
/// <param name="Ended">Its record, when it has ended; never fails for what the action does.</param>
public sealed record StartedInvocation(string ActivationId, Task<ActivationRecord> Ended);
