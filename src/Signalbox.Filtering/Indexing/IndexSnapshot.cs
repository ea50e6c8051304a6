namespace Signalbox.Filtering.Indexing;

/// <summary>Everything a match reads: one immutable state of the index.</summary>
internal sealed record IndexSnapshot
{
    public required PathNode Root { get; init; }

    /// <summary>The paths whose absence alone can lead to an alternative.</summary>
    public AbsentPath[] AbsentPaths { get; init; } = [];

    /// <summary>One more than the highest id in use, of each kind.</summary>
    public int PathLimit { get; init; }
    public int RegistrationLimit { get; init; }
    public int AlternativeLimit { get; init; }

    /// <summary>Alternatives with several tests; none means that nothing ever has to be verified.</summary>
    public int Verified { get; init; }
}

internal readonly record struct AbsentPath(int PathId, Postings Alternatives);
