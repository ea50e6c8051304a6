namespace Signalbox.Events.Health;

/// <summary>
/// One registration's attempts of the last hours, in steps of <see cref="Step"/>: an attempt counts for the window and
/// up to one step longer. Holds at most one entry for each step. Not safe for several threads.
/// </summary>
internal sealed class AttemptWindow(DateTimeOffset since)
{
    public static readonly TimeSpan Step = TimeSpan.FromMinutes(10);

    private readonly LinkedList<Entry> _entries = [];
    private AttemptTally _sum;

    /// <summary>From when on attempts count.</summary>
    public DateTimeOffset Since { get; } = since;

    public bool IsEmpty => _entries.Count == 0;

    /// <summary>The number of the step that a time falls into.</summary>
    public static long StepOf(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / (long)Step.TotalMilliseconds;

    public void Add(DateTimeOffset at, AttemptTally tally) => Add(StepOf(at), tally, unsaved: tally);

    /// <summary>Takes over what an earlier process counted.</summary>
    public void Restore(long step, AttemptTally tally) => Add(step, tally, unsaved: default);

    public AttemptTally Sum(DateTimeOffset now, TimeSpan window)
    {
        var oldest = StepOf(now - window);
        while (_entries.First is { } first && first.Value.Step < oldest)
        {
            _sum = new(_sum.Attempts - first.Value.Tally.Attempts, _sum.Failures - first.Value.Tally.Failures);
            _entries.RemoveFirst();
        }

        return _sum;
    }

    /// <summary>What was added since the last call.</summary>
    public IReadOnlyList<(long Step, AttemptTally Tally)> TakeUnsaved()
    {
        var taken = new List<(long, AttemptTally)>();
        for (var node = _entries.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Unsaved.Attempts > 0)
            {
                taken.Add((node.Value.Step, node.Value.Unsaved));
                node.Value.Unsaved = default;
            }
        }

        return taken;
    }

    /// <summary>Takes back what was taken and could not be saved; what has left the window meanwhile needs no saving.</summary>
    public bool PutBack(long step, AttemptTally tally)
    {
        for (var node = _entries.Last; node is not null; node = node.Previous)
        {
            if (node.Value.Step == step)
            {
                node.Value.Unsaved += tally;
                return true;
            }
        }

        return false;
    }

    private void Add(long step, AttemptTally tally, AttemptTally unsaved)
    {
        _sum += tally;
        var node = _entries.Last;
        while (node is not null && node.Value.Step > step)
        {
            node = node.Previous;
        }

        if (node is null || node.Value.Step != step)
        {
            var entry = new Entry { Step = step };
            node = node is null ? _entries.AddFirst(entry) : _entries.AddAfter(node, entry);
        }

        node.Value.Tally += tally;
        node.Value.Unsaved += unsaved;
    }

    private sealed class Entry
    {
        public long Step { get; init; }

        public AttemptTally Tally { get; set; }

        public AttemptTally Unsaved { get; set; }
    }
}
