namespace Signalbox.Filtering.Values;

/// <summary>An interval of numbers; a missing bound is an infinity.</summary>
internal readonly record struct NumericBounds(double Low, bool LowIncluded, double High, bool HighIncluded)
    : IComparable<NumericBounds>
{
    public bool Contain(double number) =>
        (LowIncluded ? number >= Low : number > Low) && (HighIncluded ? number <= High : number < High);

    public int CompareTo(NumericBounds other)
    {
        var order = Low.CompareTo(other.Low);
        if (order == 0) order = LowIncluded.CompareTo(other.LowIncluded);
        if (order == 0) order = High.CompareTo(other.High);
        return order == 0 ? HighIncluded.CompareTo(other.HighIncluded) : order;
    }
}
