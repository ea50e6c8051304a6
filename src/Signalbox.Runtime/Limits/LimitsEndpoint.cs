using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Limits;

/// <summary><c>/namespaces/{ns}/limits</c>.</summary>
internal sealed class LimitsEndpoint(EffectiveLimits limits, RuntimeOptions options)
{
    public Task<Reply> GetAsync(RuntimeCall call, string ns)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place))
        {
            return Task.FromResult<Reply>(refusal);
        }

        if (place.Namespace != call.Caller.Name)
        {
            return Task.FromResult<Reply>(Refusal.Forbidden(place.Namespace));
        }

        return Task.FromResult(Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber("invocationsPerMinute", limits.InvocationsPerMinute);
            writer.WriteNumber("concurrentInvocations", limits.ConcurrentInvocations);
            writer.WriteNumber("firesPerMinute", limits.FiresPerMinute);
            writer.WriteNumber("minActionMemory", EffectiveLimits.ActionMemoryMbMin);
            writer.WriteNumber("maxActionMemory", limits.ActionMemoryMbMax);
            writer.WriteNumber("minActionLogs", EffectiveLimits.ActionLogsMbMin);
            writer.WriteNumber("maxActionLogs", EffectiveLimits.ActionLogsMbMax);
            writer.WriteNumber("minActionTimeout", EffectiveLimits.ActionTimeoutMsMin);
            writer.WriteNumber("maxActionTimeout", limits.ActionTimeoutMsMax);
            writer.WriteNumber("minActionConcurrency", EffectiveLimits.ActionConcurrencyMin);
            writer.WriteNumber("maxActionConcurrency", limits.ActionConcurrencyMax);
            writer.WriteString("maxParameterSize", $"{EffectiveLimits.ParameterBytesMax} B");
            writer.WriteNumber("maxActionInstances", limits.ConcurrentInvocations);
            writer.WriteBoolean("storeActivations", true);
            writer.WriteBoolean("storeBlockingSuccesses", options.StoreBlockingSuccesses);
            writer.WriteEndObject();
        }));
    }
}
