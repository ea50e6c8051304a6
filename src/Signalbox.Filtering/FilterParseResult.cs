using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Filtering;

/// <summary>Either a filter or the reason why there is none.</summary>
public readonly record struct FilterParseResult
{
    internal FilterParseResult(EventFilter filter) => Filter = filter;

    internal FilterParseResult(FilterError error) => Error = error;

    /// <summary>The filter, when the text is one.</summary>
    public EventFilter? Filter { get; }

    /// <summary>The first error of the text, when it is not a filter.</summary>
    public FilterError? Error { get; }

    /// <summary>Whether the text is a filter.</summary>
    [MemberNotNullWhen(true, nameof(Filter))]
    [MemberNotNullWhen(false, nameof(Error))]
    public bool IsValid => Filter is not null;
}
