namespace Signalbox.Runtime.Entities;

/// <summary>What packages and actions have in common.</summary>
internal abstract record Entity
{
    public const string FirstVersion = "0.0.1";

    public required EntityName Name { get; init; }

    public string Version { get; init; } = FirstVersion;

    public bool Publish { get; init; }

    public ParameterList Annotations { get; init; } = ParameterList.Empty;

    public ParameterList Parameters { get; init; } = ParameterList.Empty;

    /// <summary>Time of the last write, milliseconds since the epoch.</summary>
    public long UpdatedMs { get; init; }

    /// <summary>
    /// Drawn anew by each write: names exactly this state, also across deletion and new creation, for processes that
    /// hold its code and for other nodes' caches.
    /// </summary>
    public long Revision { get; init; }

    /// <summary>The version after this one: the last number raised by one.</summary>
    public string NextVersion()
    {
        var dot = Version.LastIndexOf('.');
        return int.TryParse(Version.AsSpan(dot + 1), out var patch) ? $"{Version[..(dot + 1)]}{patch + 1}" : FirstVersion;
    }
}
