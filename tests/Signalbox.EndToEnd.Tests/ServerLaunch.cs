namespace Signalbox.EndToEnd.Tests;

/// <summary>How a server of the tests is started.</summary>
public sealed record ServerLaunch
{
    /// <summary>With a clock that the test moves.</summary>
    public bool TestClock { get; init; }

    /// <summary>Null: the embedded database in the data folder.</summary>
    public string? PostgresConnectionString { get; init; }

    /// <summary>Null: a temporary folder that goes with the server.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>The data folder as the test sees it, when the server sees it elsewhere.</summary>
    public string? SeenDataDirectory { get; init; }

    /// <summary>A command that runs the server as its own last arguments.</summary>
    public IReadOnlyList<string> Wrapper { get; init; } = [];

    /// <summary>Further settings, as <c>--Section:Key value</c>.</summary>
    public IReadOnlyList<string> Settings { get; init; } = [];
}
