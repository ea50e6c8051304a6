using Signalbox.Filtering.Indexing;

namespace Signalbox.Filtering.Values;

/// <summary>A fixed set of texts.</summary>
internal sealed class ByteSet
{
    private readonly ByteMap<object> _members;

    private ByteSet(ByteMap<object> members) => _members = members;

    public static ByteSet Of(IEnumerable<byte[]> texts)
    {
        var present = new object();
        return new ByteSet(texts.Aggregate(ByteMap<object>.Empty, (map, text) => map.With(text, present)));
    }

    public bool Contains(ReadOnlySpan<byte> text) => _members.Find(text) is not null;
}
