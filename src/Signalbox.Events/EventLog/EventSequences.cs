using Signalbox.Storage;

namespace Signalbox.Events.EventLog;

/// <summary>
/// Numbers events in the order of their commits. The counter's row is locked from the first number of a transaction until
/// its commit, so that numbers become visible in their order, whoever takes them. Used by one writer lane.
/// </summary>
/// <remarks>
/// Asking for the numbers would be a round trip of its own, so nobody asks who knows the answer. An only writer (SQLite)
/// takes many ahead, and leaves a gap when it ends. On PostgreSQL the counter is taken to stand where this process left it,
/// and the transaction is refused if it does not, because another node has appended meanwhile: then the numbers are asked
/// for, this time and the next <see cref="AskedAfterRefusal"/> times.
/// </remarks>
internal sealed class EventSequences
{
    private const string AskSql = "UPDATE counters SET value = value + @count WHERE name = 'event_seq' RETURNING value";

    private const string ExpectSql = "UPDATE counters SET value = value + @count WHERE name = 'event_seq' AND value = @expected";

    /// <summary>Numbers that an only writer takes ahead.</summary>
    private const int TakenAhead = 10_000;

    private const int AskedAfterRefusal = 100;

    private Place? _committed;
    private Place? _uncommitted;
    private int _asks;

    /// <summary>Takes so many numbers for the transaction that the session carries; returns the last of them.</summary>
    public long Take(WriteSession session, int count)
    {
        _uncommitted = session.IsOnlyWriter ? TakeAhead(session, count) : TakeNext(session, count);
        return _uncommitted.Last;
    }

    /// <summary>The transaction of the last <see cref="Take"/> is committed.</summary>
    public void Committed() => (_committed, _uncommitted) = (_uncommitted, null);

    private Place TakeAhead(WriteSession session, int count)
    {
        // Those of another session may have been used by a commit that nobody knows the end of.
        if (_committed is { } kept && ReferenceEquals(kept.Session, session) && kept.Last + count <= kept.End)
        {
            return kept with { Last = kept.Last + count };
        }

        var end = session.ScalarPrepared<long>(AskSql, ("count", count + TakenAhead));
        return new Place(session, end - TakenAhead, end);
    }

    private Place TakeNext(WriteSession session, int count)
    {
        if (_uncommitted is not null)
        {
            // It was refused, or nobody knows its end.
            (_committed, _asks) = (null, AskedAfterRefusal);
        }

        if (_committed is { } kept && _asks == 0)
        {
            session.Expect(ExpectSql, ("count", count), ("expected", kept.End));
            return new Place(session, kept.End + count, kept.End + count);
        }

        _asks = Math.Max(0, _asks - 1);
        var last = session.ScalarPrepared<long>(AskSql, ("count", count));
        return new Place(session, last, last);
    }

    /// <summary>How far the numbers are taken.</summary>
    /// <param name="Session">Who took them.</param>
    /// <param name="Last">The last that was used.</param>
    /// <param name="End">Where the counter stands.</param>
    private sealed record Place(WriteSession Session, long Last, long End);
}
