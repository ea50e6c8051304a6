using Microsoft.Extensions.Logging;
using Signalbox.Storage.Faults;

namespace Signalbox.Storage;

/// <summary>
/// One writer lane: a thread of its own that takes the operations that wait, runs them in one transaction, commits
/// once, and only then tells the callers. Many requests share one fsync, and none is told "done" before it.
/// </summary>
/// <remarks>
/// Operations of one <see cref="GroupedWrite{TItem, TResult}"/> run together. When one operation of a group throws, the group is rolled back and each operation runs alone, so that one bad
/// request cannot fail its neighbours. When the commit itself fails, every operation of the group fails: whether
/// it reached the disk is then unknown, and only the caller may decide to try again. So they all do when the database
/// cannot be opened: to wait for it again for each of them would hold up those behind.
/// </remarks>
internal sealed partial class GroupCommitWriter : IDisposable
{
    private const int TransientRetriesMax = 5;

    private const int BeginAndCommit = 2;

    private readonly IDatabaseEngine _engine;
    private readonly WriteQueue _queue;
    private readonly int _operationsPerCommitMax;
    private readonly ILogger _logger;
    private readonly Thread _thread;
    private readonly List<PendingWrite> _group = [];
    private readonly Dictionary<object, List<PendingWrite>> _kinds = [];
    private WriteSession? _session;

    public GroupCommitWriter(
        IDatabaseEngine engine,
        WriteQueue queue,
        int operationsPerCommitMax,
        int lane,
        ILogger logger)
    {
        _engine = engine;
        _queue = queue;
        _operationsPerCommitMax = operationsPerCommitMax;
        _logger = logger;
        _thread = new Thread(Run) { IsBackground = true, Name = $"group-commit-{lane}" };
        _thread.Start();
    }

    /// <summary>Waits until the queue, which the owner has completed, is written out.</summary>
    public void Dispose()
    {
        _thread.Join();
        _session?.Dispose();
    }

    private void Run()
    {
        while (_queue.TakeGroup(_group, _operationsPerCommitMax))
        {
            Commit();
            _group.Clear();
        }
    }

    private void Commit()
    {
        // A deadlock with another lane says nothing against any operation of the group.
        var outcome = TryCommit(_group);
        for (var retry = 0; retry < TransientRetriesMax && outcome is { Succeeded: false, CommitFailed: false, IsUnreachable: false } && MayRunAgain(outcome.Error!); retry++)
        {
            outcome = TryCommit(_group);
        }

        if (outcome.Succeeded)
        {
            StorageMetrics.GroupSize.Record(_group.Count);
            return;
        }

        if (outcome.CommitFailed || outcome.IsUnreachable)
        {
            Log.CommitFailed(_logger, outcome.Error!, _group.Count);
            FailAll(_group, outcome.Error!);
            return;
        }

        for (var i = 0; i < _group.Count; i++)
        {
            if (CommitAlone(_group[i]) is { IsUnreachable: true } gone)
            {
                Log.CommitFailed(_logger, gone.Error!, _group.Count - i);
                FailAll(_group[(i + 1)..], gone.Error!);
                return;
            }
        }
    }

    private Outcome CommitAlone(PendingWrite write)
    {
        for (var attempt = 1; ; attempt++)
        {
            var outcome = TryCommit([write]);
            if (outcome.Succeeded)
            {
                return outcome;
            }

            if (outcome.CommitFailed || outcome.IsUnreachable || attempt > TransientRetriesMax || !MayRunAgain(outcome.Error!))
            {
                write.Fail(outcome.Error!);
                return outcome;
            }
        }
    }

    private bool MayRunAgain(Exception exception) => exception is OvertakenException || _engine.IsTransient(exception);

    private Outcome TryCommit(List<PendingWrite> writes)
    {
        var (opened, committing) = (false, false);
        try
        {
            _session ??= new WriteSession(_engine.OpenWriter());
            opened = true;
            using var transaction = _session.Begin(_engine);
            RunAll(writes, _session);
            committing = true;
            Failpoints.Pass(Failpoint.CommitBefore);
            _session.Commit();
            Failpoints.Pass(Failpoint.CommitAfter);
            StorageMetrics.CountWrites(BeginAndCommit);
        }
#pragma warning disable CA1031 // Whatever an operation throws belongs to its caller, not to the writer's thread.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            // A connection that failed is not trusted again: the next group opens a new one.
            _session?.Dispose();
            _session = null;
            return new Outcome(false, committing && !WriteSession.IsRefusal(exception), IsUnreachable: !opened, exception);
        }

        foreach (var peers in _kinds.Values)
        {
            peers[0].Committed(peers);
        }

        foreach (var write in writes)
        {
            write.Complete();
        }

        return new Outcome(true, false, false, null);
    }

    /// <summary>Operations of one kind run together, where the first of them stands; those that take turns run last.</summary>
    private void RunAll(List<PendingWrite> writes, WriteSession session)
    {
        _kinds.Clear();
        foreach (var write in writes)
        {
            if (write.Kind is { } kind)
            {
                if (!_kinds.TryGetValue(kind, out var peers))
                {
                    _kinds.Add(kind, peers = []);
                }

                peers.Add(write);
            }
        }

        foreach (var write in writes)
        {
            if (write.Kind is null)
            {
                write.Run(session, []);
            }
        }

        foreach (var peers in _kinds.Values.OrderBy(peers => peers[0].RunsLast))
        {
            peers[0].Run(session, peers);
        }
    }

    private static void FailAll(List<PendingWrite> writes, Exception exception)
    {
        foreach (var write in writes)
        {
            write.Fail(exception);
        }
    }

    /// <param name="Succeeded">It is committed.</param>
    /// <param name="CommitFailed">It may be committed all the same.</param>
    /// <param name="IsUnreachable">The database could not be opened, after as long as the engine waits for it.</param>
    /// <param name="Error">Why it is not committed.</param>
    private readonly record struct Outcome(bool Succeeded, bool CommitFailed, bool IsUnreachable, Exception? Error);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "A commit of {Count} operations failed; their callers were told so")]
        public static partial void CommitFailed(ILogger logger, Exception exception, int count);
    }
}
