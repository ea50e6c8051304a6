using System.Text;
using Signalbox.Filtering.Tests.Reference;

namespace Signalbox.Filtering.Tests;

public sealed class EquivalenceTests
{
    [Theory]
    [MemberData(nameof(Seeds))]
    public void An_index_gives_exactly_what_the_plain_matcher_gives_for_each_filter(int seed)
    {
        var generator = new Generator(seed);
        var index = new FilterIndex<int>();
        var filters = new Dictionary<int, string>();
        for (var round = 0; round < 25; round++)
        {
            ChangeSomeFilters(generator, index, filters);
            var text = generator.Event();
            var matches = new List<int>();
            Assert.True(index.TryMatch(Encoding.UTF8.GetBytes(text), matches), $"seed {seed}: {text}");
            var expected = filters.Where(filter => PlainMatcher.Matches(filter.Value, text)).Select(filter => filter.Key);
            var wrong = matches.Order().SequenceEqual(expected.Order())
                ? null
                : string.Join('\n', matches.Except(expected).Select(key => $"too much: {filters[key]}")
                    .Concat(expected.Except(matches).Select(key => $"missing: {filters[key]}")));
            Assert.True(wrong is null, $"seed {seed}, round {round}\nevent: {text}\n{wrong}");
        }
        foreach (var key in filters.Keys) Assert.True(index.Remove(key));
        Assert.Equal(0, index.Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Fields_inside_nested_arrays_match_as_the_plain_matcher_says(int seed)
    {
        var met = 0;
        const int tries = 4_000;
        for (var i = 0; i < tries; i++)
        {
            var generator = new Generator(seed * 1_000_000 + i);
            var (filter, text) = (generator.ArrayFilter(), generator.ArrayEvent());
            var expected = PlainMatcher.Matches(filter, text);
            var actual = EventFilter.Parse(filter).Filter!.Matches(Encoding.UTF8.GetBytes(text));
            Assert.True(expected == actual, $"seed {seed}, {i}: {expected} expected\n{filter}\n{text}");
            if (actual) met++;
        }
        Assert.InRange(met, tries / 50, tries * 9 / 10);
    }

    [Fact]
    public void Generated_filters_and_events_meet_often_enough_for_the_comparison_to_mean_something()
    {
        var met = 0;
        const int tries = 3_000;
        for (var seed = 0; seed < tries; seed++)
        {
            var generator = new Generator(seed);
            var text = generator.Filter();
            var parsed = EventFilter.Parse(text);
            if (parsed.IsValid && parsed.Filter.Matches(Encoding.UTF8.GetBytes(generator.Event()))) met++;
        }
        Assert.InRange(met, tries / 20, tries / 2);
    }

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 400)];

    private static void ChangeSomeFilters(Generator generator, FilterIndex<int> index, Dictionary<int, string> filters)
    {
        for (var change = 0; change < 8; change++)
        {
            var key = generator.Below(60);
            if (generator.Below(5) == 0)
            {
                Assert.Equal(filters.Remove(key), index.Remove(key));
                continue;
            }
            var text = generator.Filter();
            var parsed = EventFilter.Parse(text);
            if (!parsed.IsValid)
            {
                Assert.True(parsed.Error.Message.Contains("cannot be allowed multiple times", StringComparison.Ordinal), $"{parsed.Error}: {text}");
                continue;
            }
            filters[key] = text;
            index.Set(key, parsed.Filter);
        }
    }
}
