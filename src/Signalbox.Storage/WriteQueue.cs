using System.Diagnostics;

namespace Signalbox.Storage;

/// <summary>
/// Operations that wait for a writer lane, which takes all of them at once. Two rules let many of them share a commit:
/// patient ones wait for company until something urgent comes, there are enough, or their patience ends; and a lane that
/// has just committed waits a moment for as many urgent ones as it carried, besides those that wait already, because
/// whoever was told "done" is about to ask again. After a pause an urgent one goes at once.
/// </summary>
/// <remarks>Its time is the machine's own, not a clock's that can be set: it fills commits, it decides nothing.</remarks>
/// <param name="reunion">How long after a commit the first urgent operations wait for the others; null: <see cref="Reunion"/>.</param>
internal sealed class WriteQueue(TimeSpan? reunion = null)
{
    /// <summary>How long a patient operation waits for company.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMilliseconds(20);

    /// <summary>Longer than it takes to answer some callers and to hear from them again, and less than an fsync.</summary>
    public static readonly TimeSpan Reunion = TimeSpan.FromMilliseconds(1);

    /// <summary>So many patient ones fill a commit: its statements and its fsync cost little for each of them.</summary>
    public const int Enough = 32;

    // Not a Lock: lanes wait on it.
    private readonly object _gate = new();
    private readonly TimeSpan _reunion = reunion ?? Reunion;
    private readonly Queue<PendingWrite> _waiting = new();
    private int _urgent;
    private int _urgentTaken;
    private int _urgentExpected;
    private long _patientSince;
    private long _laneFreeSince;
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
            var isFirst = false;
            if (!write.IsPatient)
            {
                isFirst = ++_urgent == 1;
            }
            else if (_waiting.Count - _urgent == 1)
            {
                _patientSince = Stopwatch.GetTimestamp();
                isFirst = true;
            }

            // The first of its sort shortens a lane's wait; those between it and the last would only wake it.
            if (isFirst || IsReady(out _))
            {
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
            _laneFreeSince = Stopwatch.GetTimestamp();
            _urgentExpected = _urgentTaken + _urgent;
            while (!IsReady(out var waitMs))
            {
                Monitor.Wait(_gate, waitMs);
            }

            var urgent = 0;
            while (group.Count < max && _waiting.TryDequeue(out var write))
            {
                group.Add(write);
                urgent += write.IsPatient ? 0 : 1;
            }

            _urgent -= urgent;
            _urgentTaken = urgent;
            if (_waiting.Count > 0)
            {
                // More than a commit carries: another lane goes on with them.
                Monitor.Pulse(_gate);
            }

            return group.Count > 0;
        }
    }

    /// <summary>True when a lane has something to do now, or never will have.</summary>
    /// <param name="waitMs">Otherwise how long to wait, unless it is woken before.</param>
    private bool IsReady(out int waitMs)
    {
        waitMs = Timeout.Infinite;
        var patient = _waiting.Count - _urgent;
        if (_isCompleted || patient >= Enough || (_urgent > 0 && _urgent >= _urgentExpected))
        {
            return true;
        }

        if (_waiting.Count == 0)
        {
            return false;
        }

        var patienceLeft = patient > 0 ? Patience - Stopwatch.GetElapsedTime(_patientSince) : TimeSpan.MaxValue;
        var reunionLeft = _urgent > 0 ? _reunion - Stopwatch.GetElapsedTime(_laneFreeSince) : TimeSpan.MaxValue;
        var left = patienceLeft < reunionLeft ? patienceLeft : reunionLeft;
        waitMs = (int)Math.Ceiling(Math.Max(0, left.TotalMilliseconds));
        return waitMs == 0;
    }
}
