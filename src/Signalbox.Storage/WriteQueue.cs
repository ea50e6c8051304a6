using System.Diagnostics;

namespace Signalbox.Storage;

/// <summary>
/// Operations that wait for a writer lane. A lane takes all of them at once; patient ones let it wait for company, so
/// that many of them share a commit: until something impatient comes, there are enough, or their patience ends.
/// </summary>
/// <remarks>Its time is the machine's own, not a clock's that can be set: it fills commits, it decides nothing.</remarks>
internal sealed class WriteQueue
{
    /// <summary>How long a patient operation waits for company.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(10);

    /// <summary>So many fill a commit: its statements and its fsync cost little for each of them.</summary>
    public const int Enough = 16;

    // Not a Lock: lanes wait on it.
    private readonly object _gate = new();
    private readonly Queue<PendingWrite> _waiting = new();
    private long _departsAt;
    private bool _isCompleted;

    /// <exception cref="InvalidOperationException">The database is closed.</exception>
    public void Add(PendingWrite write)
    {
        lock (_gate)
        {
            if (_isCompleted)
            {
                throw new InvalidOperationException("The database is closed; nothing can be written any more.");
            }

            _waiting.Enqueue(write);
            if (!write.IsPatient || _waiting.Count >= Enough)
            {
                _departsAt = 0;
                Monitor.Pulse(_gate);
            }
            else if (_waiting.Count == 1)
            {
                _departsAt = Stopwatch.GetTimestamp() + (long)(Patience.TotalSeconds * Stopwatch.Frequency);
                Monitor.Pulse(_gate);
            }
        }
    }

    /// <summary>Nothing is added any more; what waits goes at once.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            _isCompleted = true;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Waits for the next group, of at most so many. False when the queue is complete and empty.</summary>
    public bool TakeGroup(List<PendingWrite> group, int max)
    {
        lock (_gate)
        {
            while (!IsReady(out var patienceMs))
            {
                Monitor.Wait(_gate, patienceMs);
            }

            while (group.Count < max && _waiting.TryDequeue(out var write))
            {
                group.Add(write);
            }

            if (_waiting.Count > 0)
            {
                // More than a commit carries: another lane goes on with them.
                Monitor.Pulse(_gate);
            }

            return group.Count > 0;
        }
    }

    /// <summary>True when a lane has something to do now, or never will have.</summary>
    /// <param name="patienceMs">Otherwise how long to wait, unless it is woken before.</param>
    private bool IsReady(out int patienceMs)
    {
        patienceMs = Timeout.Infinite;
        if (_isCompleted)
        {
            return true;
        }

        if (_waiting.Count == 0)
        {
            return false;
        }

        var left = Stopwatch.GetElapsedTime(Stopwatch.GetTimestamp(), _departsAt);
        patienceMs = (int)Math.Ceiling(Math.Max(0, left.TotalMilliseconds));
        return patienceMs == 0;
    }
}
