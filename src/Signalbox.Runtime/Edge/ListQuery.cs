using System.Globalization;
using System.Text.Json;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Edge;

/// <summary>Which part of a list is wanted (OpenWhisk behaviour, section 1.2).</summary>
internal readonly record struct ListQuery(int Limit, int Skip, bool CountOnly)
{
    public static Outcome<ListQuery> Parse(RuntimeCall call, string collection, EffectiveLimits limits)
    {
        var limit = EffectiveLimits.ListLimitDefault;
        if (call.Query("limit") is { Length: > 0 } limitText)
        {
            if (!int.TryParse(limitText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out limit))
            {
                return Refusal.BadRequest($"The value '{limitText}' is not an integer for {collection}.");
            }

            if (limit < 0 || limit > limits.ListLimitMax)
            {
                return Refusal.BadRequest(
                    $"The value '{limit}' is not in the range of 0 to {limits.ListLimitMax} for {collection}.");
            }
        }

        var skip = 0;
        if (call.Query("skip") is { Length: > 0 } skipText)
        {
            if (!int.TryParse(skipText, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out skip))
            {
                return Refusal.BadRequest($"The value '{skipText}' is not an integer for {collection}.");
            }

            if (skip < 0)
            {
                return Refusal.BadRequest($"The value '{skip}' is not greater than or equal to 0 for {collection}.");
            }
        }

        return call.Flag("count").IsRefused(out var refusal, out var countOnly)
            ? refusal
            : new ListQuery(limit == 0 ? limits.ListLimitMax : limit, skip, countOnly);
    }

    /// <summary><c>{"actions": n}</c>: what the list holds after skipping.</summary>
    public Reply CountReply(string collection, long total)
    {
        var rest = Math.Max(0, total - Skip);
        return Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteNumber(collection, rest);
            writer.WriteEndObject();
        });
    }

    public static Reply ItemsReply<T>(IEnumerable<T> items, Action<Utf8JsonWriter, T> write) => Reply.Ok(writer =>
    {
        writer.WriteStartArray();
        foreach (var item in items)
        {
            write(writer, item);
        }

        writer.WriteEndArray();
    });
}
