namespace Signalbox.Events.Delivery;

/// <summary>
/// What a lane knows of its rows in the table that memory does not hold, and the read that brings them. Guarded by the
/// dispatcher's lock.
/// </summary>
/// <remarks>
/// <code>
///            Expect                 Ask              Begin             End: more may be there
///  nothing ─────────► HasMore ─────────────► IsUnderWay ──► (reading) ─────────────────────► HasMore
///                                                               └──────────────────────────► nothing
/// </code>
/// While a read is under way, attempts end and settings change: what it brings of those is stale and must be read again.
/// Reads go on where the last one stopped, or a long queue would be read again and again from its beginning, where
/// PostgreSQL steps over all that was removed. Whoever owes something that stands before that place says so
/// (<see cref="ExpectAnywhere"/>); and only a read from the beginning finds that nothing is left.
/// </remarks>
internal sealed class LaneRefill
{
    private readonly HashSet<long> _endedMeanwhile = [];
    private bool _isDiscarded;
    private bool _goesBack;

    /// <summary>Where the next read goes on; null: it begins with the first due row.</summary>
    public DuePlace? After { get; private set; }

    /// <summary>The table may hold due rows that memory does not.</summary>
    public bool HasMore { get; private set; }

    /// <summary>A read of the table was asked for and has not come back.</summary>
    public bool IsUnderWay { get; private set; }

    public bool IsIdle => !HasMore && !IsUnderWay;

    /// <summary>The table has something new that memory does not: it stands behind all the rest.</summary>
    public void Expect() => HasMore = true;

    /// <summary>The table has something that memory does not, wherever it stands.</summary>
    public void ExpectAnywhere() => (HasMore, After, _goesBack) = (true, null, IsUnderWay);

    /// <summary>The read is asked for.</summary>
    public void Ask() => IsUnderWay = true;

    /// <summary>The read begins; what comes into the table from now on may escape it.</summary>
    public void Begin() => (IsUnderWay, HasMore) = (true, false);

    /// <summary>The read under way may have seen these rows before they went, and must not bring them back.</summary>
    public void Outdate(Parcel ended)
    {
        if (IsUnderWay)
        {
            _endedMeanwhile.UnionWith(ended.Deliveries.Select(delivery => delivery.Key.EventSequence));
        }
    }

    /// <summary>Memory gave rows back: what the read under way brings would overtake them.</summary>
    public void Discard() => _isDiscarded |= IsUnderWay;

    /// <summary>True when the row ended since the read under way was asked for.</summary>
    public bool HasEnded(long eventSequence) => _endedMeanwhile.Contains(eventSequence);

    /// <summary>True when what the read brings of that row is of use.</summary>
    public bool Takes(long eventSequence) => !_isDiscarded && !HasEnded(eventSequence);

    /// <summary>The read came back and its rows were taken.</summary>
    /// <param name="mayHaveMore">The table may have more.</param>
    /// <param name="after">Where the next read may go on.</param>
    public void End(bool mayHaveMore, DuePlace? after)
    {
        HasMore |= mayHaveMore || _isDiscarded || _endedMeanwhile.Count > 0;
        After = _isDiscarded || _goesBack ? null : after;
        (IsUnderWay, _isDiscarded, _goesBack) = (false, false, false);
        _endedMeanwhile.Clear();
    }
}
