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
/// </remarks>
internal sealed class LaneRefill
{
    private readonly HashSet<long> _endedMeanwhile = [];
    private bool _isDiscarded;

    /// <summary>The table may hold due rows that memory does not.</summary>
    public bool HasMore { get; private set; }

    /// <summary>A read of the table was asked for and has not come back.</summary>
    public bool IsUnderWay { get; private set; }

    public bool IsIdle => !HasMore && !IsUnderWay;

    /// <summary>The table has something that memory does not.</summary>
    public void Expect() => HasMore = true;

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
    public void End(bool mayHaveMore)
    {
        HasMore |= mayHaveMore || _isDiscarded || _endedMeanwhile.Count > 0;
        (IsUnderWay, _isDiscarded) = (false, false);
        _endedMeanwhile.Clear();
    }
}
