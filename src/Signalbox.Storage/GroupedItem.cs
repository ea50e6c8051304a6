namespace Signalbox.Storage;

/// <summary>One caller's part of a <see cref="GroupedWrite{TItem, TResult}"/>.</summary>
internal sealed class GroupedItem<TItem, TResult>(GroupedWrite<TItem, TResult> kind, TItem item) : PendingWrite<TResult>
{
    public override object Kind => kind;

    public override bool RunsLast => kind.RunsLast;

    public override bool IsPatient => kind.MayWait(item);

    public override void Run(WriteSession session, IReadOnlyList<PendingWrite> peers)
    {
        var items = new TItem[peers.Count];
        for (var i = 0; i < items.Length; i++)
        {
            items[i] = ((GroupedItem<TItem, TResult>)peers[i]).Item;
        }

        var results = kind.Run(session, items);
        for (var i = 0; i < items.Length; i++)
        {
            ((GroupedItem<TItem, TResult>)peers[i]).Result = results[i];
        }
    }

    private TItem Item => item;
}
