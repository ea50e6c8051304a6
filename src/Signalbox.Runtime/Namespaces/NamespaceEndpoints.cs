using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Namespaces;

/// <summary><c>/namespaces</c>.</summary>
internal sealed class NamespaceEndpoints(EffectiveLimits limits)
{
    /// <summary>The caller's namespace, alone in a list.</summary>
    public Task<Reply> ListAsync(RuntimeCall call) => Task.FromResult(Reply.Ok(writer =>
    {
        writer.WriteStartArray();
        writer.WriteStringValue(call.Caller.Name);
        writer.WriteEndArray();
    }));

    /// <summary>The list of a collection that no entity can be put into yet.</summary>
    public Task<Reply> ListNothingAsync(RuntimeCall call, string ns, string collection)
    {
        if (call.Namespace(ns).IsRefused(out var refusal, out var place)
            || ListQuery.Parse(call, collection, limits).IsRefused(out refusal, out var query))
        {
            return Task.FromResult<Reply>(refusal);
        }

        return Task.FromResult(
            place.Namespace != call.Caller.Name ? Refusal.Forbidden(place.Namespace)
            : query.CountOnly ? query.CountReply(collection, 0)
            : ListQuery.ItemsReply(Array.Empty<string>(), (writer, text) => writer.WriteStringValue(text)));
    }
}
