using Signalbox.Events.Delivery;

namespace Signalbox.Simulation.Tests;

/// <summary>
/// The database: the rows of <c>deliveries</c>, with the latency and the failures of a real one. It survives every
/// process. Times are kept in milliseconds, as in the real table.
/// </summary>
internal sealed class Table(World world)
{
    private readonly SortedDictionary<(long Registration, long Event), Row> _rows = [];

    /// <summary>The dead letters, each with its key in the order of time, and the replay that owed it last.</summary>
    public SortedDictionary<(long Registration, long Event), (long Key, string? ReplayId)> Letters { get; } = [];

    /// <summary>Until when endpoints asked not to be called.</summary>
    public Dictionary<long, DateTimeOffset> Pauses { get; } = [];

    public List<ReplayJob> Replays { get; } = [];

    /// <summary>The chance of an operation to fail: half of them before, half after it took effect.</summary>
    public double FaultRate { get; set; }

    public int Count => _rows.Count;

    public IEnumerable<KeyValuePair<(long Registration, long Event), Row>> Rows => _rows;

    /// <summary>The row of a delivery as long as that replay owes it, or none when it is null.</summary>
    public Row? Find(DeliveryKey key, string? replayId) => Find(key) is { } row && row.ReplayId == replayId ? row : null;

    public Row? Find(DeliveryKey key) => _rows.GetValueOrDefault((key.RegistrationKey, key.EventSequence));

    public void Add(DeliveryKey key, DateTimeOffset now, string node, DateTimeOffset claimedUntil) =>
        _rows.Add((key.RegistrationKey, key.EventSequence), new Row { NextAttemptAt = Milliseconds(now), ClaimedBy = node, ClaimedUntil = claimedUntil });

    /// <summary>Owes an event again, unless it is owed already.</summary>
    public bool TryOweAgain(DeliveryKey key, DateTimeOffset now, string? replayId) =>
        _rows.TryAdd((key.RegistrationKey, key.EventSequence), new Row { NextAttemptAt = Milliseconds(now), ReplayId = replayId });

    public void Remove(DeliveryKey key) => _rows.Remove((key.RegistrationKey, key.EventSequence));

    /// <summary>An operation as a process sees it: it takes time, and it may fail without saying whether it took effect.</summary>
    public Task<T> RunAsync<T>(Host host, Func<T> operation)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        world.After(world.Between(0.1, 8), () =>
        {
            // What a process sent before it was killed may have arrived, or not.
            if (host.IsDead && world.Chance(0.5))
            {
                return;
            }

            var fails = world.Chance(FaultRate);
            if (fails && world.Chance(0.5))
            {
                done.SetException(new IOException("The store failed before the operation."));
                return;
            }

            var result = operation();
            if (fails)
            {
                done.SetException(new IOException("The store failed after the operation."));
            }
            else
            {
                // Others may read the table before who asked hears of it.
                world.After(world.Between(0.1, 8), () => done.SetResult(result));
            }
        });
        return done.Task;
    }

    public static DateTimeOffset Milliseconds(DateTimeOffset time) => DateTimeOffset.FromUnixTimeMilliseconds(time.ToUnixTimeMilliseconds());

    internal sealed class Row
    {
        public int RetryCount { get; set; }

        public DateTimeOffset? FirstAttemptAt { get; set; }

        public required DateTimeOffset NextAttemptAt { get; set; }

        public string? Signatures { get; set; }

        public string? ReplayId { get; init; }

        public string? ClaimedBy { get; set; }

        public DateTimeOffset? ClaimedUntil { get; set; }
    }
}
