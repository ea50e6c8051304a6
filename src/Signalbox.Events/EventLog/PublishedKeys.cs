using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>
/// The sources and ids that were published within the deduplication window. It is a cache of the event log's newest
/// part: complete up to one sequence, and what the log has beyond it is read when the next append needs it.
/// </summary>
/// <remarks>
/// An append looks while it holds the lock of the sequence counter (<see cref="AppendWrite"/>). Whatever has a smaller
/// sequence is committed then, by whichever lane or node, so that no two of one source and id can pass beside each other.
/// What this process commits is added without being read back. After a start, the window is read from an index.
/// </remarks>
internal sealed class PublishedKeys(EventsOptions options)
{
    /// <summary>The window moves by this part of its length at a time.</summary>
    private const int Parts = 8;

    private const string NewestSql =
        """
        SELECT published_key AS PublishedKey, received_at AS ReceivedAt FROM events
        WHERE received_at > @cutoff AND published_key IS NOT NULL ORDER BY received_at DESC LIMIT @count
        """;

    private const string SinceSql =
        """
        SELECT published_key AS PublishedKey, received_at AS ReceivedAt FROM events
        WHERE event_seq > @since AND event_seq <= @through AND received_at > @cutoff AND published_key IS NOT NULL
        ORDER BY event_seq DESC LIMIT @count
        """;

    private readonly Lock _lock = new();
    private readonly Queue<Part> _parts = new();
    private Part? _newest;
    private long? _through;
    private int _count;

    public bool IsOn => options.DeduplicationWindow > TimeSpan.Zero;

    /// <summary>Reads what the log has up to the sequence and this object has not.</summary>
    public void CatchUp(WriteSession session, long through, long now)
    {
        lock (_lock)
        {
            if (_through >= through)
            {
                return;
            }

            var cutoff = now - (long)options.DeduplicationWindow.TotalMilliseconds;
            var count = options.DeduplicationEventsMax;
            var rows = _through is { } since
                ? session.Query<Row>(SinceSql, new { since, through, cutoff, count })
                : session.Query<Row>(NewestSql, new { cutoff, count });
            // Oldest first, so that the oldest are also the first to be forgotten.
            foreach (var row in rows.Reverse())
            {
                Add(PublishedKey.Read(row.PublishedKey), row.ReceivedAt);
            }

            _through = through;
        }
    }

    /// <summary>True when it was published within the window before <paramref name="now"/>, in Unix milliseconds.</summary>
    public bool Contains(PublishedKey key, long now)
    {
        var cutoff = now - (long)options.DeduplicationWindow.TotalMilliseconds;
        lock (_lock)
        {
            foreach (var part in _parts)
            {
                if (part.Keys.TryGetValue(key, out var at) && at > cutoff)
                {
                    return true;
                }
            }

            return false;
        }
    }

    /// <summary>Takes over a committed append, unless it is already read, or something before it is not.</summary>
    /// <param name="first">The smallest of its sequences; the others follow it without a gap.</param>
    public void Append(long first, IReadOnlyCollection<PublishedKey?> keys, long at)
    {
        lock (_lock)
        {
            if (_through != first - 1)
            {
                return;
            }

            foreach (var key in keys)
            {
                if (key is { } given)
                {
                    Add(given, at);
                }
            }

            _through = first - 1 + keys.Count;
        }
    }

    private void Add(PublishedKey key, long at)
    {
        var window = (long)options.DeduplicationWindow.TotalMilliseconds;
        if (_newest is null || at - _newest.BeganAt >= window / Parts || _newest.Keys.Count >= Math.Max(1, options.DeduplicationEventsMax / Parts))
        {
            _parts.Enqueue(_newest = new Part(at));
        }

        _count += _newest.Keys.TryAdd(key, at) ? 1 : 0;
        _newest.EndedAt = at;
        while (_parts.TryPeek(out var oldest) && oldest != _newest && (oldest.EndedAt <= at - window || _count > options.DeduplicationEventsMax))
        {
            _count -= _parts.Dequeue().Keys.Count;
        }
    }

    private sealed class Part(long beganAt)
    {
        public long BeganAt { get; } = beganAt;

        public long EndedAt { get; set; } = beganAt;

        public Dictionary<PublishedKey, long> Keys { get; } = [];
    }

    private sealed class Row
    {
        public byte[] PublishedKey { get; init; } = [];

        public long ReceivedAt { get; init; }
    }
}
