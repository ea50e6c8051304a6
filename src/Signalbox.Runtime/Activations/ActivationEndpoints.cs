using System.Globalization;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Activations;

/// <summary><c>/namespaces/{ns}/activations</c>.</summary>
internal sealed class ActivationEndpoints(ActivationRecorder recorder, ActivationStore store, EffectiveLimits limits)
{
    private const int IdLength = 32;
    private const string Collection = "activations";

    public async Task<Reply> ListAsync(RuntimeCall call, string ns)
    {
        if (ParseFilter(call, ns).IsRefused(out var refusal, out var filter)
            || ListQuery.Parse(call, Collection, limits).IsRefused(out refusal, out var query)
            || call.Flag("docs").IsRefused(out refusal, out var docs))
        {
            return refusal;
        }

        if (docs && query.CountOnly)
        {
            return Refusal.BadRequest("The parameter 'docs' is not permitted with 'count'.");
        }

        await recorder.WaitForCommitAsync(call.Aborted);
        if (query.CountOnly)
        {
            return query.CountReply(Collection, await store.CountAsync(filter, call.Aborted));
        }

        var activations = await store.ListAsync(filter, withResults: docs, query.Limit, query.Skip, call.Aborted);
        return docs
            ? ListQuery.ItemsReply(activations, (writer, activation) => ActivationJson.WriteRecord(writer, activation, activation.Logs))
            : ListQuery.ItemsReply(activations, ActivationJson.WriteSummary);
    }

    public Task<Reply> GetAsync(RuntimeCall call, string ns, string id) =>
        ShowAsync(call, ns, id, activation => Reply.Ok(writer => ActivationJson.WriteRecord(writer, activation, activation.Logs)));

    public Task<Reply> GetResultAsync(RuntimeCall call, string ns, string id) =>
        ShowAsync(call, ns, id, activation => Reply.Ok(writer => ActivationJson.WriteResponse(writer, activation)));

    public Task<Reply> GetLogsAsync(RuntimeCall call, string ns, string id) =>
        ShowAsync(call, ns, id, activation => Reply.Ok(writer =>
        {
            writer.WriteStartObject();
            writer.WriteRaw("logs", activation.Logs);
            writer.WriteEndObject();
        }));

    private async Task<Reply> ShowAsync(RuntimeCall call, string ns, string id, Func<Activation, Reply> show)
    {
        if (OwnNamespace(call, ns).IsRefused(out var refusal, out var @namespace))
        {
            return refusal;
        }

        if (id.Length != IdLength)
        {
            return Refusal.BadRequest($"Activation id length is {id.Length} but must be {IdLength}.");
        }

        if (id.AsSpan().IndexOfAnyExcept("0123456789abcdef") >= 0)
        {
            return Refusal.BadRequest("The activation id is not valid.");
        }

        return await recorder.FindAsync(@namespace, id, call.Aborted) is { } activation ? show(activation) : Refusal.NotFound;
    }

    private static Outcome<ActivationFilter> ParseFilter(RuntimeCall call, string ns)
    {
        if (OwnNamespace(call, ns).IsRefused(out var refusal, out var @namespace)
            || ParseTime(call.Query("since")).IsRefused(out refusal, out var since)
            || ParseTime(call.Query("upto")).IsRefused(out refusal, out var upto))
        {
            return refusal;
        }

        var segments = (call.Query("name") ?? "").Split('/');
        if (segments is [""])
        {
            segments = [];
        }

        if (segments.Length > 2 || segments.Any(segment => !EntityNameRules.IsName(segment)))
        {
            return Refusal.BadRequest(
                $"Parameter may be a 'simple' name or 'package-name/simple' name: {call.Query("name")}");
        }

        return new ActivationFilter
        {
            Namespace = @namespace,
            Name = segments.Length > 0 ? segments[^1] : null,
            Package = segments.Length > 1 ? segments[0] : null,
            SinceMs = since,
            UptoMs = upto,
        };
    }

    private static Outcome<long?> ParseTime(string? text) =>
        string.IsNullOrEmpty(text) ? (long?)null
        : long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var time) ? time
        : Refusal.BadRequest($"Parameter is not a valid value for epoch seconds: {text}");

    private static Outcome<string> OwnNamespace(RuntimeCall call, string ns) =>
        call.Namespace(ns).IsRefused(out var refusal, out var place) ? refusal
        : place.Namespace == call.Caller.Name ? place.Namespace
        : Refusal.Forbidden(place.Namespace);
}
