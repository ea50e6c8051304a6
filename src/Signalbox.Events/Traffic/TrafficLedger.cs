using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Traffic;

/// <summary>
/// The last hour of every workspace that had events in it, in memory; <see cref="TrafficKeeper"/> saves what is added.
/// Bounded by the workspaces that are busy within an hour.
/// </summary>
internal sealed class TrafficLedger(TimeProvider clock) : ITraffic
{
    private readonly Lock _gate = new();
    private readonly Dictionary<WorkspaceId, WorkspaceTraffic> _workspaces = [];
    private volatile bool _isRestored;

    /// <inheritdoc />
    public TrafficHour Find(WorkspaceId workspace)
    {
        var now = MinuteOf(clock.GetUtcNow());
        lock (_gate)
        {
            var known = _workspaces.GetValueOrDefault(workspace);
            return new TrafficHour(
                [.. Enumerable.Range(0, TrafficHour.Length).Select(i => now - TrafficHour.Length + 1 + i).Select(minute =>
                    known?.Find(minute) ?? new TrafficMinute { At = TimeOf(minute) })],
                _isRestored);
        }
    }

    /// <summary>Counts an accepted event, once for each workspace that has a registration for it.</summary>
    public void CountPublished(Registration[] recipients)
    {
        var minute = MinuteOf(clock.GetUtcNow());
        lock (_gate)
        {
            for (var i = 0; i < recipients.Length; i++)
            {
                var workspace = recipients[i].WorkspaceId;
                if (!IsAmong(recipients.AsSpan(0, i), workspace))
                {
                    Add(workspace, minute, new Count { Published = 1 });
                }
            }
        }
    }

    /// <summary>Counts a request that ended.</summary>
    /// <param name="registration">Whose.</param>
    /// <param name="events">How many it carried.</param>
    /// <param name="isSuccess">It was answered with 2xx.</param>
    /// <param name="duration">How long it took.</param>
    public void CountAttempt(Registration registration, int events, bool isSuccess, TimeSpan duration)
    {
        var count = new Count
        {
            Delivered = isSuccess ? events : 0,
            Attempts = 1,
            Failures = isSuccess ? 0 : 1,
            Slow = duration > ITraffic.SlowAfter ? 1 : 0,
            Milliseconds = (long)duration.TotalMilliseconds,
        };
        lock (_gate)
        {
            Add(registration.WorkspaceId, MinuteOf(clock.GetUtcNow()), count);
        }
    }

    /// <summary>Takes over what was saved before this start; what was counted since stays.</summary>
    public void Restore(IReadOnlyList<TrafficRow> rows)
    {
        lock (_gate)
        {
            foreach (var row in rows)
            {
                Of(new WorkspaceId(row.WorkspaceId)).Add(row.Minute, row.ToCount());
            }
        }

        _isRestored = true;
    }

    /// <summary>Hands over what is not saved, and forgets workspaces that were quiet for an hour.</summary>
    public IReadOnlyList<TrafficRow> TakeUnsaved()
    {
        var oldest = MinuteOf(clock.GetUtcNow()) - TrafficHour.Length;
        var taken = new List<TrafficRow>();
        lock (_gate)
        {
            foreach (var (workspace, traffic) in _workspaces)
            {
                foreach (var (minute, count) in traffic.Unsaved)
                {
                    taken.Add(TrafficRow.Of(workspace, minute, count));
                }

                traffic.Unsaved.Clear();
                if (traffic.Latest < oldest)
                {
                    _workspaces.Remove(workspace);
                }
            }
        }

        return taken;
    }

    /// <summary>Takes back what could not be saved.</summary>
    public void Return(IReadOnlyList<TrafficRow> rows)
    {
        lock (_gate)
        {
            foreach (var row in rows)
            {
                Of(new WorkspaceId(row.WorkspaceId)).Owe(row.Minute, row.ToCount());
            }
        }
    }

    internal static long MinuteOf(DateTimeOffset at) => at.ToUnixTimeSeconds() / 60;

    private static DateTimeOffset TimeOf(long minute) => DateTimeOffset.FromUnixTimeSeconds(minute * 60);

    private static bool IsAmong(ReadOnlySpan<Registration> registrations, WorkspaceId workspace)
    {
        foreach (var registration in registrations)
        {
            if (registration.WorkspaceId == workspace)
            {
                return true;
            }
        }

        return false;
    }

    private void Add(WorkspaceId workspace, long minute, Count count)
    {
        var traffic = Of(workspace);
        traffic.Add(minute, count);
        traffic.Owe(minute, count);
    }

    private WorkspaceTraffic Of(WorkspaceId workspace)
    {
        if (!_workspaces.TryGetValue(workspace, out var traffic))
        {
            _workspaces.Add(workspace, traffic = new WorkspaceTraffic());
        }

        return traffic;
    }

    /// <summary>What is added to a minute.</summary>
    internal struct Count
    {
        public long Published;
        public long Delivered;
        public long Attempts;
        public long Failures;
        public long Slow;
        public long Milliseconds;

        public void Add(in Count other)
        {
            Published += other.Published;
            Delivered += other.Delivered;
            Attempts += other.Attempts;
            Failures += other.Failures;
            Slow += other.Slow;
            Milliseconds += other.Milliseconds;
        }
    }

    /// <summary>The minutes of a workspace in a ring, each in the place of its number.</summary>
    private sealed class WorkspaceTraffic
    {
        private readonly (long Minute, Count Count)[] _ring = new (long, Count)[TrafficHour.Length];

        /// <summary>Bounded by how long saving may fail: a minute more for each minute.</summary>
        public Dictionary<long, Count> Unsaved { get; } = [];

        public long Latest { get; private set; }

        public void Add(long minute, in Count count)
        {
            ref var place = ref _ring[minute % TrafficHour.Length];
            if (place.Minute > minute)
            {
                return;
            }

            if (place.Minute < minute)
            {
                place = (minute, default);
            }

            place.Count.Add(count);
            Latest = Math.Max(Latest, minute);
        }

        public void Owe(long minute, in Count count)
        {
            if (Unsaved.Count < TrafficHour.Length || Unsaved.ContainsKey(minute))
            {
                System.Runtime.InteropServices.CollectionsMarshal.GetValueRefOrAddDefault(Unsaved, minute, out _).Add(count);
            }
        }

        public TrafficMinute? Find(long minute)
        {
            var (known, count) = _ring[minute % TrafficHour.Length];
            return known != minute ? null : new TrafficMinute
            {
                At = TimeOf(minute),
                Published = count.Published,
                Delivered = count.Delivered,
                Attempts = count.Attempts,
                Failures = count.Failures,
                Slow = count.Slow,
                Duration = TimeSpan.FromMilliseconds(count.Milliseconds),
            };
        }
    }
}
