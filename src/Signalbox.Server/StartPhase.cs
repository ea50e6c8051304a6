namespace Signalbox.Server;

/// <summary>Whether the server has come up; until then, the command tells what went wrong, and not the host.</summary>
internal sealed class StartPhase
{
    public volatile bool IsOver;

    /// <summary>When the start began, by the server's clock.</summary>
    public DateTimeOffset BeganAt { get; set; }
}
