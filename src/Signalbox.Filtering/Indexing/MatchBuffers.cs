using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// The working memory of one match, kept by its thread for the next. Marks are valid when they equal
/// <see cref="Epoch"/>, so nothing has to be cleared between matches.
/// </summary>
internal sealed class MatchBuffers
{
    // What a thread keeps after an unusually large event.
    private const int KeptBytes = 1 << 20;
    private const int KeptLeaves = 1 << 14;

    [ThreadStatic]
    private static MatchBuffers? t_kept;

    private byte[] _texts = new byte[1024];
    private int[] _registrationMarks = [];
    private int[] _alternativeMarks = [];
    private int[] _pathMarks = [];
    private PathLeaves[] _pathLeaves = [];

    public int Epoch { get; private set; }

    public FoldBuffer Folding { get; } = new();

    public Pile<Registration> Matches = new(16);
    public Pile<RegisteredAlternative> Candidates = new(16);
    public Pile<Leaf> Leaves = new(64);
    public Pile<ArrayPlace> Places = new(64);
    public Pile<Frame> Frames = new(64);

    /// <summary>The values that the tests of the candidate being verified accept, test by test, and where each ends.</summary>
    public Pile<int> Accepted = new(64);
    public Pile<int> AcceptedEnds = new(16);

    public int ArrayCount;
    public int TextLength;
    public ulong[] Words = [];
    public readonly ArrayChoices Choices = new();

    public static MatchBuffers Rent(IndexSnapshot snapshot)
    {
        // Taken away while in use: a collection that receives matches may match again.
        var buffers = t_kept ?? new MatchBuffers();
        t_kept = null;
        buffers.Prepare(snapshot);
        return buffers;
    }

    public void Return()
    {
        Matches.Clear();
        Candidates.Clear();
        Frames.Clear();
        var isUsual = _texts.Length <= KeptBytes && Folding.Capacity <= KeptBytes
            && Leaves.Capacity <= KeptLeaves && Places.Capacity <= KeptLeaves;
        if (isUsual) t_kept = this;
    }

    public bool MarkRegistration(int id) => Mark(_registrationMarks, id);

    public bool IsRegistrationMarked(int id) => _registrationMarks[id] == Epoch;

    public bool MarkAlternative(int id) => Mark(_alternativeMarks, id);

    public bool IsPathPresent(int pathId) => _pathMarks[pathId] == Epoch;

    public void MarkPathPresent(int pathId)
    {
        if (Mark(_pathMarks, pathId)) _pathLeaves[pathId] = PathLeaves.None;
    }

    /// <summary>The first of a path's kept values, or -1.</summary>
    public int FirstLeaf(int pathId) => IsPathPresent(pathId) ? _pathLeaves[pathId].First : -1;

    public void KeepLeaf(int pathId, Leaf leaf)
    {
        ref var ends = ref _pathLeaves[pathId];
        var index = Leaves.Count;
        Leaves.Add(leaf);
        if (ends.First < 0) ends.First = index;
        else Leaves[ends.Last].Next = index;
        ends.Last = index;
    }

    /// <summary>Room for more unescaped text; what was written before keeps its place.</summary>
    public Span<byte> TextRoom(int length)
    {
        if (_texts.Length - TextLength < length) Array.Resize(ref _texts, Math.Max(_texts.Length * 2, TextLength + length));
        return _texts.AsSpan(TextLength, length);
    }

    public ReadOnlySpan<byte> Text(int start, int length) => _texts.AsSpan(start, length);

    private void Prepare(IndexSnapshot snapshot)
    {
        if (Epoch == int.MaxValue)
        {
            Array.Clear(_registrationMarks);
            Array.Clear(_alternativeMarks);
            Array.Clear(_pathMarks);
            Epoch = 0;
        }
        Epoch++;
        Grow(ref _registrationMarks, snapshot.RegistrationLimit);
        Grow(ref _alternativeMarks, snapshot.AlternativeLimit);
        Grow(ref _pathMarks, snapshot.PathLimit);
        Grow(ref _pathLeaves, snapshot.PathLimit);
        Leaves.Forget();
        Places.Forget();
        ArrayCount = 0;
        TextLength = 0;
    }

    private bool Mark(int[] marks, int id)
    {
        if (marks[id] == Epoch) return false;
        marks[id] = Epoch;
        return true;
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length) Array.Resize(ref array, Math.Max(length, array.Length * 2));
    }

    private struct PathLeaves
    {
        public static readonly PathLeaves None = new() { First = -1, Last = -1 };

        public int First;
        public int Last;
    }
}

/// <summary>A growing list whose elements can be changed in place.</summary>
internal struct Pile<T>(int capacity)
{
    private T[] _items = new T[capacity];

    public int Count { get; private set; }

    public readonly int Capacity => _items.Length;

    public readonly ref T this[int index] => ref _items[index];

    public readonly ref T Top => ref _items[Count - 1];

    public readonly ReadOnlySpan<T> Items => _items.AsSpan(0, Count);

    public void Add(T item)
    {
        if (Count == _items.Length) Array.Resize(ref _items, Count * 2);
        _items[Count++] = item;
    }

    public void Pop() => Count--;

    public void CutTo(int count) => Count = count;

    /// <summary>Empties the list and lets go of what it held.</summary>
    public void Clear()
    {
        Array.Clear(_items, 0, Count);
        Count = 0;
    }

    /// <summary>Empties a list of plain values.</summary>
    public void Forget() => Count = 0;
}

/// <summary>A kept value of an event: where its text is, and inside which array elements it lies.</summary>
internal struct Leaf
{
    public LeafKind Kind;
    public bool IsUnescaped;
    public bool IsComparable;
    public int Start;
    public int Length;
    public double Number;

    /// <summary>The innermost enclosing array element, or -1.</summary>
    public int Place;

    /// <summary>The path's next value, or -1.</summary>
    public int Next;
}

/// <summary>An element of an array, inside the element <paramref name="Outer"/> (or -1) of an enclosing one.</summary>
internal readonly record struct ArrayPlace(int Outer, int Array, int Index, int Depth);

/// <summary>An object or array that is being read.</summary>
internal struct Frame
{
    public PathNode Node;

    /// <summary>The array's number, or -1 for an object.</summary>
    public int Array;

    /// <summary>The index of the array's next element.</summary>
    public int Index;

    /// <summary>The innermost array element around this object or array, or -1.</summary>
    public int Place;
}
