namespace Signalbox.WebConsole.Operations;

/// <summary>Implemented by the server, which knows all rooms.</summary>
public interface IServerReporter
{
    Task<ServerReport> ReadAsync(CancellationToken cancellationToken);
}
