namespace Signalbox.EndToEnd.Tests;

/// <summary>How a server of the tests is started.</summary>
public sealed record ServerLaunch
{
    /// <summary>With a clock that the test moves.</summary>
    public bool TestClock { get; init; }

    /// <summary>Null: the embedded database in the data folder.</summary>
    public string? PostgresConnectionString { get; init; }

    /// <summary>Further settings, as <c>--Section:Key value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
