using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// A persistent tree of numeric intervals that finds those around a number without looking at the others: a treap
/// ordered by lower bound, in which each node knows the highest upper bound below it. Null is the empty tree.
/// </summary>
internal sealed class RangeTree
{
    private readonly uint _priority;

    private RangeTree(NumericBounds bounds, Postings value, uint priority, RangeTree? left, RangeTree? right)
    {
        Bounds = bounds;
        Value = value;
        _priority = priority;
        Left = left;
        Right = right;
        Highest = Math.Max(bounds.High, Math.Max(HighestOf(left), HighestOf(right)));
    }

    public NumericBounds Bounds { get; }
    public Postings Value { get; }
    public RangeTree? Left { get; }
    public RangeTree? Right { get; }

    /// <summary>The highest upper bound of this node and of all below it.</summary>
    public double Highest { get; }

    public static Postings? Find(RangeTree? tree, NumericBounds bounds)
    {
        while (tree is not null)
        {
            var order = bounds.CompareTo(tree.Bounds);
            if (order == 0) return tree.Value;
            tree = order < 0 ? tree.Left : tree.Right;
        }
        return null;
    }

    public static RangeTree? With(RangeTree? tree, NumericBounds bounds, Postings? value)
    {
        var (below, above) = Split(tree, bounds);
        var node = value is null
            ? null
            : new RangeTree(bounds, value, unchecked((uint)Random.Shared.Next()), null, null);
        return Join(Join(below, node), above);
    }

    /// <summary>The nodes before and after the given bounds, without the node of the bounds itself.</summary>
    private static (RangeTree? Below, RangeTree? Above) Split(RangeTree? tree, NumericBounds bounds)
    {
        if (tree is null) return (null, null);
        var order = bounds.CompareTo(tree.Bounds);
        if (order == 0) return (tree.Left, tree.Right);
        if (order < 0)
        {
            var (below, above) = Split(tree.Left, bounds);
            return (below, tree.WithChildren(above, tree.Right));
        }
        var (lower, upper) = Split(tree.Right, bounds);
        return (tree.WithChildren(tree.Left, lower), upper);
    }

    private static RangeTree? Join(RangeTree? below, RangeTree? above)
    {
        if (below is null) return above;
        if (above is null) return below;
        return below._priority > above._priority
            ? below.WithChildren(below.Left, Join(below.Right, above))
            : above.WithChildren(Join(below, above.Left), above.Right);
    }

    private RangeTree WithChildren(RangeTree? left, RangeTree? right) => new(Bounds, Value, _priority, left, right);

    private static double HighestOf(RangeTree? tree) => tree?.Highest ?? double.NegativeInfinity;
}
