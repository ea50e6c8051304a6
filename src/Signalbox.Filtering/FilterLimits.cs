namespace Signalbox.Filtering;

/// <summary>How large a filter may be (events behaviour, section 13.5). A breach is a <see cref="FilterError"/>.</summary>
public static class FilterLimits
{
    /// <summary>Length of the filter's text in UTF-16 code units.</summary>
    public const int MaxTextLength = 16_384;

    /// <summary>Alternatives after every <c>$or</c> has been multiplied out.</summary>
    public const int MaxAlternatives = 1_000;

    /// <summary>Field tests of all alternatives together, after every <c>$or</c> has been multiplied out.</summary>
    public const int MaxExpandedTests = 50_000;

    /// <summary><c>$or</c> inside <c>$or</c>.</summary>
    public const int MaxOrNesting = 10;

    /// <summary>Objects inside objects, the outermost included.</summary>
    public const int MaxObjectDepth = 64;

    /// <summary>Objects and arrays inside each other in an event; a deeper event is refused as malformed.</summary>
    public const int MaxEventDepth = 1_000;
}
