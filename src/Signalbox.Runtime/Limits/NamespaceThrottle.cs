using System.Collections.Concurrent;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Limits;

/// <summary>
/// Counts each namespace's invocations of the present wall-clock minute and those in flight (OpenWhisk behaviour,
/// section 2.1). Only namespaces that exist get a counter, so their number is bounded.
/// </summary>
internal sealed class NamespaceThrottle(EffectiveLimits limits, TimeProvider clock)
{
    private readonly ConcurrentDictionary<string, Load> _loads = new(StringComparer.Ordinal);

    /// <summary>
    /// Counts one request for an invocation, or says why it would not start now. It takes no place: its body may still be coming.
    /// </summary>
    public Refusal? Count(string @namespace)
    {
        var load = _loads.GetOrAdd(@namespace, static _ => new Load());
        var (minute, second) = Math.DivRem(clock.GetUtcNow().ToUnixTimeSeconds(), 60);
        lock (load)
        {
            if (load.Minute != minute)
            {
                load.Minute = minute;
                load.Started = 0;
            }

            load.Started++;
            if (load.Started > limits.InvocationsPerMinute)
            {
                return Refusal.TooManyInMinute(load.Started, limits.InvocationsPerMinute, secondsLeft: 60 - (int)second);
            }

            return FindNoPlace(load);
        }
    }

    /// <summary>Takes a place among those in flight, or says why there is none. After null, call <see cref="Leave"/> once.</summary>
    public Refusal? TryEnter(string @namespace)
    {
        var load = _loads.GetOrAdd(@namespace, static _ => new Load());
        lock (load)
        {
            if (FindNoPlace(load) is { } refusal)
            {
                return refusal;
            }

            load.InFlight++;
            return null;
        }
    }

    public void Leave(string @namespace)
    {
        var load = _loads[@namespace];
        lock (load)
        {
            load.InFlight--;
        }
    }

    /// <summary>The invocations asked for in the present minute, and those in flight.</summary>
    public (int Started, int InFlight) Read(string @namespace)
    {
        if (!_loads.TryGetValue(@namespace, out var load))
        {
            return (0, 0);
        }

        var minute = clock.GetUtcNow().ToUnixTimeSeconds() / 60;
        lock (load)
        {
            return (load.Minute == minute ? load.Started : 0, load.InFlight);
        }
    }

    private Refusal? FindNoPlace(Load load) => load.InFlight >= limits.ConcurrentInvocations
        ? Refusal.TooManyInFlight(load.InFlight + 1, limits.ConcurrentInvocations)
        : null;

    private sealed class Load
    {
        public long Minute { get; set; }

        public int Started { get; set; }

        public int InFlight { get; set; }
    }
}
