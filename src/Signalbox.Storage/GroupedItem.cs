namespace Signalbox.Storage;

/// <summary>One caller's part of a <see cref="GroupedWrite{TItem, TResult}"/>.</summary>
internal sealed class GroupedItem<TItem, TResult>(GroupedWrite<TItem, TResult> kind, TItem item) : PendingWrite<TResult>
{
    public override object Kind => kind;

    public override bool RunsLast => kind.RunsLast;

    public override void Run(WriteSession session, IReadOnlyList<PendingWrite> peers)
    {
        var results = kind.Run(session, ItemsOf(peers));
        for (var i = 0; i < peers.Count; i++)
        {
            ((GroupedItem<TItem, TResult>)peers[i]).Result = results[i];
        }
    }

    public override void Committed(IReadOnlyList<PendingWrite> peers)
    {
        var results = new TResult[peers.Count];
        for (var i = 0; i < results.Length; i++)
        {
            results[i] = ((GroupedItem<TItem, TResult>)peers[i]).Result;
        }

        kind.Committed(ItemsOf(peers), results);
    }

    private static TItem[] ItemsOf(IReadOnlyList<PendingWrite> peers)
    {
        var items = new TItem[peers.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = ((GroupedItem<TItem, TResult>)peers[i]).Item;
        }

        return items;
    }

    private TItem Item => item;
}
