namespace Signalbox.Filtering.Indexing;

/// <summary>
/// An immutable bag of alternatives that one finding leads to. Versions share an array: the newest may fill a place
/// behind its own end, which no older version looks at. Only the index's one writer makes new versions.
/// </summary>
internal sealed class Postings
{
    private readonly RegisteredAlternative[] _items;
    private readonly int _count;

    private Postings(RegisteredAlternative[] items, int count)
    {
        _items = items;
        _count = count;
    }

    public ReadOnlySpan<RegisteredAlternative> Items => _items.AsSpan(0, _count);

    public static int CountOf(Postings? postings) => postings?._count ?? 0;

    public static Postings With(Postings? postings, RegisteredAlternative added)
    {
        if (postings is null) return new Postings([added], 1);
        var items = postings._items;
        if (items.Length == postings._count) Array.Resize(ref items, items.Length * 2);
        items[postings._count] = added;
        return new Postings(items, postings._count + 1);
    }

    public static Postings? Without(Postings? postings, RegisteredAlternative removed)
    {
        var index = postings is null ? -1 : Array.IndexOf(postings._items, removed, 0, postings._count);
        if (index < 0) return postings;
        if (postings!._count == 1) return null;
        RegisteredAlternative[] items = [.. postings.Items[..index], .. postings.Items[(index + 1)..]];
        return new Postings(items, items.Length);
    }

    public static Postings? Changed(Postings? postings, RegisteredAlternative alternative, bool add) =>
        add ? With(postings, alternative) : Without(postings, alternative);
}
