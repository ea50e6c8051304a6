namespace Signalbox.Events.Tracing;

/// <summary>Which traces of a registration are wanted; what is null wants all.</summary>
public sealed record TraceQuery
{
    public const int LimitMax = 100;

    /// <summary>True: those that ended with 2xx; false: the others.</summary>
    public bool? IsSuccess { get; init; }

    public int? Code { get; init; }

    /// <summary>Answered no sooner than that.</summary>
    public TimeSpan? DurationMin { get; init; }

    /// <summary>Answered sooner than that.</summary>
    public TimeSpan? DurationMax { get; init; }

    /// <summary>True: retries only; false: all but retries.</summary>
    public bool? IsRetry { get; init; }

    /// <summary>Only those before this key.</summary>
    public long? OlderThan { get; init; }

    /// <summary>Only those after this key, the next ones.</summary>
    public long? NewerThan { get; init; }

    public int Limit { get; init; } = 25;

    internal bool Wants(TraceSummary trace) =>
        (IsSuccess is null || trace.IsSuccess == IsSuccess)
        && (Code is null || trace.Code == Code)
        && (DurationMin is null || trace.Duration >= DurationMin)
        && (DurationMax is null || trace.Duration < DurationMax)
        && (IsRetry is null || trace.RetryCount > 0 == IsRetry);
}
