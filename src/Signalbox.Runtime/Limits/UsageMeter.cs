namespace Signalbox.Runtime.Limits;

internal sealed class UsageMeter(NamespaceThrottle throttle, EffectiveLimits limits, RuntimeOptions options) : INamespaceUsage
{
    public NamespaceUsage Read(string @namespace)
    {
        var (started, inFlight) = throttle.Read(@namespace);
        return new NamespaceUsage
        {
            InvocationsThisMinute = started,
            InvocationsPerMinuteMax = limits.InvocationsPerMinute,
            InFlight = inFlight,
            InFlightMax = limits.ConcurrentInvocations,
            TimeoutMax = TimeSpan.FromMilliseconds(limits.ActionTimeoutMsMax),
            MemoryMbMin = EffectiveLimits.ActionMemoryMbMin,
            MemoryMbMax = limits.ActionMemoryMbMax,
            LogsMbMax = EffectiveLimits.ActionLogsMbMax,
            ConcurrencyMax = limits.ActionConcurrencyMax,
            CodeBytesMax = limits.CodeBytesMax,
            PayloadBytesMax = limits.PayloadBytesMax,
            SequenceLengthMax = limits.SequenceLengthMax,
            ActivationRetention = options.ActivationRetention,
        };
    }
}
