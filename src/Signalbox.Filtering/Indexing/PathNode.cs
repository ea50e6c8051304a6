namespace Signalbox.Filtering.Indexing;

/// <summary>One member name on the way to tested fields. Immutable.</summary>
internal sealed class PathNode(int id, ByteMap<PathNode> children, FieldIndex access, int verifications)
{
    /// <summary>Where a match keeps this path's values; unique in a snapshot.</summary>
    public readonly int Id = id;

    public readonly ByteMap<PathNode> Children = children;

    /// <summary>The alternatives that are found through this path.</summary>
    public readonly FieldIndex Access = access;

    /// <summary>How many tests of alternatives with several tests look at this path: its values are kept if any does.</summary>
    public readonly int Verifications = verifications;

    public bool IsUnused => Access.Count == 0 && Verifications == 0 && Children.Count == 0;

    /// <summary>This node with another child of that name, or without one.</summary>
    public PathNode WithChild(byte[] name, PathNode? child) => new(Id, Children.With(name, child), Access, Verifications);

    public PathNode? Child(ReadOnlySpan<byte> name)
    {
        if (!name.Contains((byte)'.')) return Children.Find(name);
        var node = this;
        foreach (var range in name.Split((byte)'.'))
        {
            node = node.Children.Find(name[range]);
            if (node is null) return null;
        }
        return node;
    }
}
