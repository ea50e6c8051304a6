using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace Signalbox.Filtering.Tests;

public sealed class FilterIndexTests
{
    [Fact]
    public void A_filter_with_several_matching_alternatives_is_reported_once()
    {
        var index = IndexOf("""{"$or":[{"a":[1]},{"b":[{"exists":true}]},{"c":[1],"d":[1]}]}""");
        Assert.Equal([0], Match(index, """{"a":[1,1],"b":[1,2],"c":1,"d":1}"""));
    }

    [Fact]
    public void Setting_a_key_again_replaces_its_filter()
    {
        var index = IndexOf("""{"a":[1]}""");
        index.Set(0, Filter("""{"b":[1]}"""));
        Assert.Empty(Match(index, """{"a":1}"""));
        Assert.Equal([0], Match(index, """{"b":1}"""));
        Assert.Equal(1, index.Count);
    }

    [Fact]
    public void Removing_a_filter_leaves_the_others_and_a_missing_key_is_told()
    {
        var index = IndexOf("""{"a":["x"]}""", """{"a":["x"]}""", """{"a":[{"anything-but":"y"}]}""");
        Assert.True(index.Remove(1));
        Assert.False(index.Remove(1));
        Assert.Equal([0, 2], Match(index, """{"a":"x"}""").Order());
    }

    [Fact]
    public void Matches_are_added_to_what_the_collection_holds()
    {
        var index = IndexOf("""{"a":[1]}""");
        var matches = new List<int> { 7 };
        Assert.True(index.TryMatch("""{"a":1}"""u8, matches));
        Assert.Equal([7, 0], matches);
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    [InlineData("[]")]
    [InlineData("\"a\"")]
    [InlineData("null")]
    [InlineData("""{"a":1""")]
    [InlineData("""{"a":1} x""")]
    [InlineData("""{"a":1,}""")]
    [InlineData("""{"a":1}{"a":1}""")]
    [InlineData("""{"skipped":[1,}],"a":1}""")]
    [InlineData("""{"skipped":01,"a":1}""")]
    [InlineData("""{"skipped":"\x","a":1}""")]
    public void An_event_that_is_not_one_json_object_matches_nothing_and_is_told(string text)
    {
        var matches = new List<int>();
        Assert.False(IndexOf("""{"a":[1]}""", """{"b":[{"exists":false}]}""").TryMatch(Encoding.UTF8.GetBytes(text), matches));
        Assert.Empty(matches);
    }

    [Fact]
    public void An_event_that_is_not_utf8_or_too_deep_is_refused()
    {
        var index = IndexOf("""{"a":[{"exists":true}]}""");
        Assert.False(index.TryMatch([.. "{\"a\":\""u8, 0xC3, .. "\"}"u8], []));
        Assert.False(index.TryMatch([.. "{\"b\":\""u8, 0xED, 0xA0, 0x80, .. "\"}"u8], []));
        Assert.Equal([0], Match(index, Nested(FilterLimits.MaxEventDepth - 1)));
        Assert.False(index.TryMatch(Encoding.UTF8.GetBytes(Nested(FilterLimits.MaxEventDepth)), []));

        static string Nested(int arrays) => "{\"a\":" + new string('[', arrays) + "1" + new string(']', arrays) + "}";
    }

    [Fact]
    public void An_empty_index_still_checks_the_event()
    {
        var index = new FilterIndex<string>();
        Assert.True(index.TryMatch("{}"u8, []));
        Assert.False(index.TryMatch("{"u8, []));
    }

    [Fact]
    public void A_match_inside_a_match_does_not_disturb_it()
    {
        var index = IndexOf("""{"a":[1]}""", """{"a":[2]}""", """{"a":[1,2]}""");
        var matches = new Nesting(index);
        Assert.True(index.TryMatch("""{"a":1}"""u8, matches));
        Assert.Equal([0, 2], matches.Order());
    }

    [Fact]
    public void A_match_allocates_nothing_once_its_thread_is_warm()
    {
        var index = new FilterIndex<int>();
        for (var i = 0; i < 2_000; i++)
        {
            var n = i.ToString(CultureInfo.InvariantCulture);
            index.Set(i, Filter($$$"""
                {"type":["t"],"$or":[{"e":{"id":["x{{{n}}}"],"n":[{"numeric":[">",{{{n}}}]}]}},{"s":[{"prefix":"p{{{n}}}"},{"suffix":{"equals-ignore-case":"Q{{{n}}}"}}]},{"ip":["10.0.0.{{{i % 256}}}"]},{"z":[{"anything-but":["{{{n}}}"]}],"type2":["{{{n}}}"]}]}
                """));
        }
        var text = """{"type":"t","type2":"7","e":[{"id":"x5","n":9},{"id":"x\u0036","n":1e1}],"s":"p77q8","ip":"10.0.0.9","z":null}"""u8;
        var matches = new List<int>(100);
        for (var i = 0; i < 50; i++) index.TryMatch(text, matches);
        matches.Clear();

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10; i++) index.TryMatch(text, matches);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEmpty(matches);
    }

    [Fact]
    public async Task Matching_beside_changes_sees_each_filter_either_old_or_new()
    {
        // Whatever key 0 holds, every event matches it; the others come and go.
        var index = IndexOf("""{"a":[1]}""");
        var stop = false;
        using var reading = new CountdownEvent(2);
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(() =>
        {
            var rounds = 0;
            while (!Volatile.Read(ref stop))
            {
                var matches = Match(index, """{"a":1,"b":"x","c":[{"d":1}]}""");
                Assert.Single(matches, 0);
                Assert.Equal(matches.Distinct().Count(), matches.Count);
                if (rounds++ == 0) reading.Signal();
            }
            return rounds;
        }, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)).ToArray();
        Assert.True(reading.Wait(TimeSpan.FromSeconds(30)));

        string[] always = ["""{"a":[1]}""", """{"b":["x"],"a":[{"anything-but":2}]}""", """{"c":{"d":[{"numeric":[">",0]}],"e":[{"exists":false}]}}""", """{"z":[{"exists":false}]}"""];
        for (var i = 0; i < 4_000; i++)
        {
            index.Set(0, Filter(always[i % always.Length]));
            var key = 1 + i % 50;
            if (i % 3 == 0) index.Remove(key);
            else index.Set(key, Filter(always[(i + 1) % always.Length]));
        }
        Volatile.Write(ref stop, true);
        Assert.All(await Task.WhenAll(readers), rounds => Assert.True(rounds > 0));
    }

    [Fact]
    public void Ten_thousand_filters_can_come_and_go_in_any_order()
    {
        var index = new FilterIndex<int>();
        string[] shapes =
        [
            """{"a":["$"]}""", """{"a":[{"prefix":"$"}]}""", """{"a":[{"suffix":"$"}]}""", """{"n":[{"numeric":[">=",$,"<",$5]}]}""",
            """{"a":[{"anything-but":["$","x"]}]}""", """{"a":[{"equals-ignore-case":"N$"}]}""", """{"n":[$]}""", """{"p$":{"q":["x"]}}""",
            """{"a":[{"anything-but":{"prefix":"$"}}],"n":[{"exists":true}]}""", """{"p$":[{"exists":false}],"a":["none"]}""",
        ];
        string Shape(int i) => shapes[i % shapes.Length].Replace("$", (i + 1).ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal);
        for (var i = 0; i < 10_000; i++) index.Set(i, Filter(Shape(i)));
        var order = Enumerable.Range(0, 10_000).ToArray();
        new Random(1).Shuffle(order);
        foreach (var key in order.Skip(10)) Assert.True(index.Remove(key));

        const string text = """{"a":"1234","n":77}""";
        var expected = order.Take(10).Where(key => Filter(Shape(key)).Matches(Encoding.UTF8.GetBytes(text))).Order();
        Assert.Equal(expected, Match(index, text).Order());
    }

    [Fact]
    public void A_name_of_thousands_of_dots_is_a_path_like_any_other()
    {
        var name = string.Join('.', Enumerable.Repeat("a", 8_000));
        var index = IndexOf($"{{\"{name}\":[1]}}", "{\"a\":{\"a\":[1]}}");
        Assert.Equal([0], Match(index, $"{{\"{name}\":1}}"));
        Assert.True(index.Remove(0));
        Assert.Equal([1], Match(index, """{"a.a":1}"""));
    }

    [Fact]
    public void A_filter_at_all_of_its_limits_is_set_and_removed_soon()
    {
        string Or(string name, int branches) =>
            $"\"$or\":[{string.Join(',', Enumerable.Range(0, branches).Select(i => $"{{\"{name}{i}\":[1]}}"))}]";
        var fields = string.Join(',', Enumerable.Range(0, 47).Select(i => $"\"f{i}\":[1]"));
        var time = Stopwatch.StartNew();
        var index = IndexOf($"{{{Or("a", 10)},{Or("b", 10)},{Or("c", 10)},{fields}}}");
        Assert.Equal([0], Match(index, $"{{{fields.Replace("[1]", "1", StringComparison.Ordinal)},\"a3\":1,\"b3\":1,\"c9\":1}}"));
        Assert.True(index.Remove(0));
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"took {time.Elapsed}");
    }

    [Fact]
    public void A_search_through_many_array_elements_ends_soon()
    {
        // Each level has ten ways to satisfy its own test and none to satisfy the last: ten to the eighth in all.
        var inner = "";
        var other = "{\"z\":1}";
        var filter = "\"z\":[1]";
        for (var level = 8; level > 0; level--)
        {
            var ways = string.Join(',', Enumerable.Repeat("{\"x\":1}", 10));
            inner = $"{{\"b\":[{ways}]{(inner.Length == 0 ? "" : $",\"c\":[{inner}]")}}}";
            other = $"{{\"z\":1,\"c\":[{other}]}}";
            filter = $"\"b\":{{\"x\":[1]}},{(level == 8 ? "" : $"\"c\":{{{filter}}},")}\"z\":[1]";
        }
        var index = IndexOf($"{{\"e\":{{{filter}}}}}");
        var time = Stopwatch.StartNew();
        Assert.Empty(Match(index, $"{{\"e\":[{inner},{other}]}}"));

        // Names that repeat in one object make the arrays independent and the search hard; it is given up in the end.
        var doubled = string.Join(',', Enumerable.Range(0, 40).Select(i => $"\"a\":[{{\"f{i % 20}\":1}},{{\"f{(i + 7) % 20}\":1}}]"));
        var fields = string.Join(',', Enumerable.Range(0, 20).Select(i => $"\"f{i:D2}\":[1]"));
        Match(IndexOf($"{{\"a\":{{{fields}}}}}"), $"{{{doubled}}}");
        Assert.True(time.Elapsed < TimeSpan.FromSeconds(10), $"took {time.Elapsed}");
    }

    private static EventFilter Filter(string text)
    {
        var parsed = EventFilter.Parse(text);
        Assert.True(parsed.IsValid, $"{parsed.Error}: {text}");
        return parsed.Filter;
    }

    private static FilterIndex<int> IndexOf(params string[] filters)
    {
        var index = new FilterIndex<int>();
        for (var i = 0; i < filters.Length; i++) index.Set(i, Filter(filters[i]));
        return index;
    }

    private static List<int> Match(FilterIndex<int> index, string text)
    {
        var matches = new List<int>();
        Assert.True(index.TryMatch(Encoding.UTF8.GetBytes(text), matches));
        return matches;
    }

    /// <summary>Matches another event whenever it is given a key.</summary>
    private sealed class Nesting(FilterIndex<int> index) : System.Collections.ObjectModel.Collection<int>
    {
        protected override void InsertItem(int position, int item)
        {
            Assert.Equal([1, 2], Match(index, """{"a":2}""").Order());
            base.InsertItem(position, item);
        }
    }
}
