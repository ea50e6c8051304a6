using Signalbox.Events.Stories;

namespace Signalbox.Events.Tracing;

/// <summary>
/// Successes that are not stored yet: of each registration the newest <see cref="TraceStore.ShownMax"/>, because older
/// ones would be pruned as soon as they were stored. What the events' stories need of them is held of all.
/// </summary>
internal sealed class HeldTraces
{
    /// <summary>Of all registrations together.</summary>
    private const long BytesMax = 16L << 20;

    /// <summary>Attempts of all events together.</summary>
    private const int AttemptsMax = 16_384;

    private readonly Lock _gate = new();
    private Dictionary<long, Queue<(long Key, DeliveryTrace Trace)>> _byRegistration = [];
    private List<RecordedAttempt> _attempts = [];
    private long _bytes;

    /// <summary>False when memory has no place: the trace must be stored at once.</summary>
    /// <param name="key">The trace's key in the table.</param>
    /// <param name="trace">A success.</param>
    /// <param name="isFirst">Nothing was held before it.</param>
    public bool TryAdd(long key, DeliveryTrace trace, out bool isFirst)
    {
        lock (_gate)
        {
            isFirst = _byRegistration.Count == 0;
            if (_bytes + trace.HeldBytes > BytesMax || _attempts.Count + trace.Attempts.Count > AttemptsMax)
            {
                return false;
            }

            if (!_byRegistration.TryGetValue(trace.RegistrationKey, out var newest))
            {
                newest = new Queue<(long, DeliveryTrace)>();
                _byRegistration.Add(trace.RegistrationKey, newest);
            }
            else if (newest.Count == TraceStore.ShownMax)
            {
                _bytes -= newest.Dequeue().Trace.HeldBytes;
            }

            newest.Enqueue((key, trace));
            _attempts.AddRange(trace.Attempts);
            _bytes += trace.HeldBytes;
            return true;
        }
    }

    /// <summary>Hands over everything, each registration's traces oldest first.</summary>
    public (IReadOnlyCollection<IReadOnlyCollection<(long Key, DeliveryTrace Trace)>> Traces, IReadOnlyList<RecordedAttempt> Attempts) TakeAll()
    {
        lock (_gate)
        {
            var all = (_byRegistration.Values, _attempts);
            (_byRegistration, _attempts, _bytes) = ([], [], 0);
            return all;
        }
    }
}
