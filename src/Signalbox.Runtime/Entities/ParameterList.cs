using System.Text;
using System.Text.Json;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Entities;

/// <summary>One entry of <c>parameters</c> or <c>annotations</c>.</summary>
/// <param name="IsInit">True: goes into the environment when the code is loaded, not into the arguments.</param>
internal sealed record Parameter(string Key, JsonElement Value, bool IsInit = false);

/// <summary>An ordered list of keys and JSON values: an entity's parameters or annotations.</summary>
internal sealed class ParameterList
{
    private static readonly JsonElement _true = JsonSerializer.SerializeToElement(true, RuntimeJson.Default.Boolean);
    private static readonly JsonElement _false = JsonSerializer.SerializeToElement(false, RuntimeJson.Default.Boolean);

    public ParameterList(IReadOnlyList<Parameter> items) => Items = items;

    public static ParameterList Empty { get; } = new([]);

    public IReadOnlyList<Parameter> Items { get; }

    public JsonElement? Find(string key)
    {
        foreach (var item in Items)
        {
            if (item.Key == key)
            {
                return item.Value;
            }
        }

        return null;
    }

    public string? FindText(string key) =>
        Find(key) is { ValueKind: JsonValueKind.String } value ? value.GetString() : null;

    /// <summary>Truth as OpenWhisk sees it: absent, null, false, 0 and "" are not true.</summary>
    public bool IsTruthy(string key) => Find(key) is { } value && value.ValueKind switch
    {
        JsonValueKind.Null or JsonValueKind.False => false,
        JsonValueKind.String => value.GetString() is { Length: > 0 },
        JsonValueKind.Number => value.TryGetDecimal(out var number) ? number != 0 : true,
        _ => true,
    };

    /// <summary>This list, with the other's entries in place of those of the same key.</summary>
    public ParameterList OverlaidBy(ParameterList over) =>
        over.Items.Count == 0 ? this
        : Items.Count == 0 ? over
        : new ParameterList([.. Items.Where(mine => over.Items.All(theirs => theirs.Key != mine.Key)), .. over.Items]);

    public ParameterList Without(IReadOnlyCollection<string> keys) =>
        keys.Count == 0 ? this : new ParameterList([.. Items.Where(item => !keys.Contains(item.Key))]);

    public ParameterList With(string key, JsonElement value) =>
        OverlaidBy(new ParameterList([new Parameter(key, value)]));

    public ParameterList With(string key, string value) =>
        With(key, JsonSerializer.SerializeToElement(value, RuntimeJson.Default.String));

    public ParameterList With(string key, bool value) => With(key, value ? _true : _false);

    public static Outcome<ParameterList> Parse(JsonElement json, string what)
    {
        if (json.ValueKind != JsonValueKind.Array)
        {
            return Refusal.Malformed($"{what} malformed! (an array of objects with 'key' and 'value' is expected)");
        }

        var items = new List<Parameter>();
        var keys = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in json.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object
                || !item.TryGetProperty("key", out var key) || key.ValueKind != JsonValueKind.String
                || key.GetString() is not { Length: > 0 } name)
            {
                return Refusal.Malformed($"{what} malformed! (each entry needs a 'key', a text that is not empty)");
            }

            var value = item.TryGetProperty("value", out var given) ? given : default;
            var isInit = item.TryGetProperty("init", out var init) && init.ValueKind == JsonValueKind.True;
            if (!keys.Add(name))
            {
                items.RemoveAll(earlier => earlier.Key == name);
            }

            items.Add(new Parameter(name, value.ValueKind == JsonValueKind.Undefined ? RuntimeJson.Null : value, isInit));
        }

        return new ParameterList(items);
    }

    public static ParameterList FromStored(string? json)
    {
        if (string.IsNullOrEmpty(json) || json == "[]")
        {
            return Empty;
        }

        return Parse(RuntimeJson.Parse(json), "stored").IsRefused(out var refusal, out var list)
            ? throw new InvalidOperationException("The database holds a list that cannot be read: " + refusal.Error)
            : list;
    }

    public void Write(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var item in Items)
        {
            writer.WriteStartObject();
            writer.WriteString("key", item.Key);
            writer.WritePropertyName("value");
            item.Value.WriteTo(writer);
            if (item.IsInit)
            {
                writer.WriteBoolean("init", true);
            }

            writer.WriteEndObject();
        }

        writer.WriteEndArray();
    }

    public string ToJson() => Items.Count == 0 ? "[]" : Encoding.UTF8.GetString(Json.Write(Write));
}
