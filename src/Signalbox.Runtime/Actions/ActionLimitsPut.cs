using System.Text.Json;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Actions;

/// <summary>The limits that a PUT names; they are merged field by field (OpenWhisk behaviour, section 7).</summary>
internal sealed record ActionLimitsPut
{
    public int? TimeoutMs { get; init; }

    public int? MemoryMb { get; init; }

    public int? LogsMb { get; init; }

    public int? Concurrency { get; init; }

    public ActionLimits Over(ActionLimits? standing, EffectiveLimits limits) => new(
        TimeoutMs ?? standing?.TimeoutMs ?? Math.Min(EffectiveLimits.ActionTimeoutMsDefault, limits.ActionTimeoutMsMax),
        MemoryMb ?? standing?.MemoryMb ?? EffectiveLimits.ActionMemoryMbDefault,
        LogsMb ?? standing?.LogsMb ?? EffectiveLimits.ActionLogsMbDefault,
        Concurrency ?? standing?.Concurrency ?? limits.ActionConcurrencyDefault);

    public static Outcome<ActionLimitsPut> Parse(JsonElement body, EffectiveLimits limits)
    {
        if (!PutFields.IsGiven(body, "limits", out var given))
        {
            return new ActionLimitsPut();
        }

        if (given.ValueKind != JsonValueKind.Object)
        {
            return Refusal.Malformed("'limits' must be an object");
        }

        if (Number(given, "timeout").IsRefused(out var refusal, out var timeout)
            || Number(given, "memory").IsRefused(out refusal, out var memory)
            || Number(given, "logs").IsRefused(out refusal, out var logs)
            || Number(given, "concurrency").IsRefused(out refusal, out var concurrency))
        {
            return refusal;
        }

        return FindFault(timeout, memory, logs, concurrency, limits) is { } fault
            ? Refusal.Malformed(fault)
            : new ActionLimitsPut { TimeoutMs = timeout, MemoryMb = memory, LogsMb = logs, Concurrency = concurrency };
    }

    private static string? FindFault(int? timeout, int? memory, int? logs, int? concurrency, EffectiveLimits limits) =>
        Outside(timeout, EffectiveLimits.ActionTimeoutMsMin, limits.ActionTimeoutMsMax, "duration", " milliseconds")
        ?? Outside(memory, EffectiveLimits.ActionMemoryMbMin, limits.ActionMemoryMbMax, "memory size", " MB")
        ?? Outside(logs, EffectiveLimits.ActionLogsMbMin, EffectiveLimits.ActionLogsMbMax, "log size", " MB")
        ?? (concurrency < EffectiveLimits.ActionConcurrencyMin
            ? "Action container concurrency must be greater than or equal to 1."
            : Outside(concurrency, EffectiveLimits.ActionConcurrencyMin, limits.ActionConcurrencyMax, "concurrency", ""));

    private static string? Outside(int? value, int min, int max, string what, string unit) =>
        value > max ? $"{what} {value}{unit} exceeds allowed threshold of {max}{unit}"
        : value < min ? $"{what} {value}{unit} below allowed threshold of {min}{unit}"
        : null;

    private static Outcome<int?> Number(JsonElement limits, string name) =>
        !PutFields.IsGiven(limits, name, out var given) ? (int?)null
        : given.ValueKind == JsonValueKind.Number && given.TryGetInt32(out var number) ? number
        : Refusal.Malformed($"'{name}' must be an integer");
}
