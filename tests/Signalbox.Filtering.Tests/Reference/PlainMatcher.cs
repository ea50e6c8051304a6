using System.Collections.Immutable;
using System.Text.Json;

namespace Signalbox.Filtering.Tests.Reference;

/// <summary>
/// The matching rules of events behaviour, section 13, written down as plainly as possible: recursive, without an
/// index, without care for speed. What the real matcher is compared with.
/// </summary>
internal static class PlainMatcher
{
    public static bool Matches(string filter, string @event)
    {
        using var filterDocument = JsonDocument.Parse(filter);
        using var eventDocument = JsonDocument.Parse(@event, new JsonDocumentOptions { MaxDepth = 1_000 });
        var leaves = Flatten(eventDocument.RootElement);
        return Expand(filterDocument.RootElement, null).Any(tests => Passes(
            [.. tests.OrderBy(test => test.Path, StringComparer.Ordinal)], 0, leaves, ImmutableDictionary<int, int>.Empty));
    }

    private sealed record Test(string Path, List<JsonElement> Entries);

    private sealed record Leaf(string Path, JsonElement Value, ImmutableDictionary<int, int> Elements);

    /// <summary>Each alternative of the filter: every $or multiplies the alternatives found so far.</summary>
    private static List<List<Test>> Expand(JsonElement filter, string? prefix)
    {
        List<List<Test>> alternatives = [[]];
        foreach (var member in filter.EnumerateObject())
        {
            List<List<Test>> choices;
            var path = prefix is null ? member.Name : prefix + "." + member.Name;
            if (member.Name == "$or") choices = [.. member.Value.EnumerateArray().SelectMany(branch => Expand(branch, prefix))];
            else if (member.Value.ValueKind == JsonValueKind.Object) choices = Expand(member.Value, path);
            else choices = [[new Test(path, [.. member.Value.EnumerateArray()])]];
            alternatives = [.. alternatives.SelectMany(tests => choices.Select(choice => (List<Test>)[.. tests, .. choice]))];
        }
        return alternatives;
    }

    private static List<Leaf> Flatten(JsonElement @event)
    {
        var leaves = new List<Leaf>();
        var arrays = 0;
        Visit(@event, null, ImmutableDictionary<int, int>.Empty);
        return leaves;

        void Visit(JsonElement value, string? path, ImmutableDictionary<int, int> elements)
        {
            switch (value.ValueKind)
            {
                case JsonValueKind.Object:
                    foreach (var member in value.EnumerateObject())
                    {
                        Visit(member.Value, path is null ? member.Name : path + "." + member.Name, elements);
                    }
                    break;
                case JsonValueKind.Array:
                    var array = arrays++;
                    var index = 0;
                    foreach (var element in value.EnumerateArray())
                    {
                        var nested = element.ValueKind is JsonValueKind.Object or JsonValueKind.Array;
                        Visit(element, path, nested ? elements.Add(array, index) : elements);
                        index++;
                    }
                    break;
                default:
                    leaves.Add(new Leaf(path!, value, elements));
                    break;
            }
        }
    }

    private static bool Passes(List<Test> tests, int number, List<Leaf> leaves, ImmutableDictionary<int, int> chosen)
    {
        if (number == tests.Count) return true;
        var test = tests[number];
        var visible = leaves.Where(leaf => leaf.Path == test.Path && Agree(leaf.Elements, chosen)).ToList();
        foreach (var leaf in visible)
        {
            if (test.Entries.Any(entry => PlainValues.Accepts(entry, leaf.Value))
                && Passes(tests, number + 1, leaves, chosen.SetItems(leaf.Elements)))
            {
                return true;
            }
        }
        return visible.Count == 0
            && test.Entries.Any(PlainValues.AcceptsAbsence)
            && Passes(tests, number + 1, leaves, chosen);
    }

    private static bool Agree(ImmutableDictionary<int, int> elements, ImmutableDictionary<int, int> chosen) =>
        elements.All(element => !chosen.TryGetValue(element.Key, out var index) || index == element.Value);
}
