using System.Text;
using System.Text.Json;

namespace Signalbox.Runtime.Activations;

/// <summary>Reads records for people: what is recorded is shown, committed or not.</summary>
internal sealed class ActivationBrowser(ActivationRecorder recorder, ActivationStore store) : IActivations
{
    /// <summary>
    /// How many records are looked at to find those of one status: failures are rare, and an index on the status would
    /// cost every invocation.
    /// </summary>
    internal const int SearchLengthMax = 5_000;

    public async Task<ActivationListing> ListAsync(string @namespace, ActivationQuery query, CancellationToken cancellationToken)
    {
        await recorder.WaitForCommitAsync(cancellationToken);
        var limit = Math.Clamp(query.Limit, 1, ActivationQuery.LimitMax);
        var isTowardsNewer = query.NewerThan is not null;
        var (found, searchedTo) = await store.SearchAsync(@namespace, query, limit + 1, SearchLengthMax, cancellationToken);
        var page = found.Take(limit);
        ActivationSummary[] items = [.. (isTowardsNewer ? page.Reverse() : page).Select(Summarize)];
        var hasMore = found.Count > limit || searchedTo is not null;
        searchedTo = found.Count > limit ? null : searchedTo;
        return isTowardsNewer
            ? new ActivationListing(items, HasNewer: hasMore, HasOlder: true, searchedTo)
            : new ActivationListing(items, HasNewer: query.OlderThan is not null, HasOlder: hasMore, searchedTo);
    }

    public async Task<ActivationRecord?> FindAsync(string @namespace, string id, CancellationToken cancellationToken) =>
        await recorder.FindAsync(@namespace, id, cancellationToken) is { } activation ? Describe(activation) : null;

    public static ActivationRecord Describe(Activation activation)
    {
        using var logs = JsonDocument.Parse(activation.Logs);
        return new ActivationRecord(Summarize(activation))
        {
            Result = Encoding.UTF8.GetString(activation.Result.Span),
            ResultSize = activation.ResultSize,
            Logs = [.. logs.RootElement.EnumerateArray().Select(line => line.GetString() ?? "")],
            Annotations = Encoding.UTF8.GetString(activation.Annotations.Span),
        };
    }

    private static ActivationSummary Summarize(Activation activation)
    {
        var notes = new Notes(activation.Annotations);
        return new ActivationSummary
        {
            Id = activation.Id,
            Action = TitleOf(activation),
            Version = activation.Version,
            Kind = notes.Kind,
            Cause = activation.Cause,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(activation.StartMs),
            Duration = TimeSpan.FromMilliseconds(activation.DurationMs),
            Status = ActivationJson.StatusText(activation.Status),
            IsSuccess = activation.IsSuccess,
            IsTimeout = notes.IsTimeout,
            Wait = notes.Wait,
            Init = notes.Init,
        };
    }

    private static string TitleOf(Activation activation) =>
        activation.Package is { Length: > 0 } package ? $"{package}/{activation.Name}" : activation.Name;

    /// <summary>What the annotations of a record tell.</summary>
    private readonly record struct Notes
    {
        public Notes(ReadOnlyMemory<byte> annotations)
        {
            using var json = JsonDocument.Parse(annotations);
            foreach (var annotation in json.RootElement.EnumerateArray())
            {
                var value = annotation.GetProperty("value"u8);
                switch (annotation.GetProperty("key"u8).GetString())
                {
                    case "kind":
                        Kind = value.GetString();
                        break;
                    case "timeout":
                        IsTimeout = value.ValueKind == JsonValueKind.True;
                        break;
                    case "waitTime":
                        Wait = TimeSpan.FromMilliseconds(value.GetInt64());
                        break;
                    case "initTime":
                        Init = TimeSpan.FromMilliseconds(value.GetInt64());
                        break;
                }
            }
        }

        public string? Kind { get; }

        public bool IsTimeout { get; }

        public TimeSpan? Wait { get; }

        public TimeSpan? Init { get; }
    }
}
