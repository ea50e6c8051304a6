namespace Signalbox.Filtering.Language;

/// <summary>A filter as written: tests, joined by AND and OR.</summary>
internal abstract record FilterNode
{
    public sealed record Test(FieldTest Field) : FilterNode;

    public sealed record All(List<FilterNode> Parts) : FilterNode;

    public sealed record Any(List<FilterNode> Branches) : FilterNode;

    /// <summary>Multiplies every OR out. Check <see cref="ExpandedSize"/> before.</summary>
    public static FilterAlternative[] Expand(FilterNode node) =>
        [.. Combinations(node).Select(tests => new FilterAlternative(
            [.. tests.OrderBy(test => test.Path, StringComparer.Ordinal)]))];

    private static List<List<FieldTest>> Combinations(FilterNode node)
    {
        switch (node)
        {
            case Test test:
                return [[test.Field]];
            case Any any:
                return [.. any.Branches.SelectMany(Combinations)];
            case All all:
                List<List<FieldTest>> product = [[.. all.Parts.OfType<Test>().Select(test => test.Field)]];
                foreach (var part in all.Parts.Where(part => part is not Test))
                {
                    var factor = Combinations(part);
                    product = [.. product.SelectMany(left => factor.Select(right => (List<FieldTest>)[.. left, .. right]))];
                }
                return product;
            default:
                throw new ArgumentOutOfRangeException(nameof(node));
        }
    }
}

/// <summary>How many alternatives, and how many tests in all of them, a filter has when every OR is multiplied out.</summary>
internal readonly record struct ExpandedSize(long Alternatives, long Tests)
{
    // Far above the limits and far below an overflow of the products.
    private const long Ceiling = 1_000_000;

    public static ExpandedSize Of(FilterNode node) => node switch
    {
        FilterNode.Test => new ExpandedSize(1, 1),
        FilterNode.Any any => any.Branches.Select(Of).Aggregate(new ExpandedSize(0, 0), Sum),
        FilterNode.All all => all.Parts.Select(Of).Aggregate(new ExpandedSize(1, 0), Product),
        _ => throw new ArgumentOutOfRangeException(nameof(node)),
    };

    private static ExpandedSize Sum(ExpandedSize left, ExpandedSize right) =>
        Capped(left.Alternatives + right.Alternatives, left.Tests + right.Tests);

    private static ExpandedSize Product(ExpandedSize left, ExpandedSize right) => Capped(
        left.Alternatives * right.Alternatives,
        left.Tests * right.Alternatives + right.Tests * left.Alternatives);

    private static ExpandedSize Capped(long alternatives, long tests) =>
        new(Math.Min(alternatives, Ceiling), Math.Min(tests, Ceiling));
}
