namespace Signalbox.Storage;

/// <summary>
/// A kind of write whose waiting requests run as one: what many callers ask for between two commits takes a few
/// statements for all of them. One object stands for the kind; <see cref="Database.WriteAsync{TItem, TResult}"/>
/// queues an item for it.
/// </summary>
/// <typeparam name="TItem">What one caller asks for.</typeparam>
/// <typeparam name="TResult">What that caller gets.</typeparam>
public abstract class GroupedWrite<TItem, TResult>
{
    /// <summary>
    /// Runs after everything else of its transaction. For a kind that takes a lock which every writer lane wants: it is
    /// then held for the shortest time, and by nobody who still waits for another lock.
    /// </summary>
    public virtual bool RunsLast => false;

    /// <summary>
    /// Runs all items inside the transaction. May run again, with fewer of them, so it touches nothing but the session
    /// and its results.
    /// </summary>
    /// <returns>A result for each item, in their order.</returns>
    public abstract IReadOnlyList<TResult> Run(WriteSession session, IReadOnlyList<TItem> items);

    /// <summary>
    /// Told on the writer's thread that a run is committed, before its callers are. It must be quick and cannot fail. A run
    /// whose commit ended in an error is not told, although it may have reached the disk.
    /// </summary>
    public virtual void Committed(IReadOnlyList<TItem> items, IReadOnlyList<TResult> results)
    {
    }
}
