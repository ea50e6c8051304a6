namespace Signalbox.Filtering.Indexing;

/// <summary>Small numbers that are given back and used again, so that arrays addressed by them stay small.</summary>
internal sealed class IdPool
{
    private readonly Stack<int> _free = new();

    /// <summary>One more than the highest number ever given.</summary>
    public int Limit { get; private set; }

    public int Take() => _free.TryPop(out var id) ? id : Limit++;

    public void Return(int id) => _free.Push(id);
}
