namespace Signalbox.Events.Tracing;

/// <summary>A page of traces, newest first.</summary>
/// <param name="Items">The page.</param>
/// <param name="Codes">The response codes of all that are kept, whatever the query, in order.</param>
/// <param name="HasErrors">Any that is kept did not end with 2xx.</param>
public sealed record TraceListing(IReadOnlyList<TraceSummary> Items, IReadOnlyList<int> Codes, bool HasErrors)
{
    public bool HasNewer { get; init; }

    public bool HasOlder { get; init; }

    /// <summary>Traces are kept, though perhaps none that was asked for.</summary>
    public bool HasAny => Codes.Count > 0;
}
