using Signalbox.Events;
using Signalbox.Identity.Users;
using Signalbox.Runtime;
using Signalbox.Sandbox;
using Signalbox.Storage;
using Signalbox.WebConsole.Operations;

namespace Signalbox.Server.Joints;

/// <summary>Tells the console of storage, sandboxes and settings.</summary>
internal sealed class ServerReporter(
    Database database, SandboxPool sandbox, DataDirectory data, EventsOptions events, RuntimeOptions runtime, ConsoleOptions console, StartPhase start)
    : IServerReporter
{
    public async Task<ServerReport> ReadAsync(CancellationToken cancellationToken) => new()
    {
        Version = ServerVersion.Text,
        StartedAt = start.BeganAt,
        DatabaseEngine = database.EngineName,
        DatabaseBytes = await database.MeasureAsync(cancellationToken),
        FreeBytes = FreeBytes(),
        DataDirectory = data.FullPath,
        SandboxProcesses = sandbox.Processes,
        RunningActivations = sandbox.Running,
        Protection = sandbox.HostReport is { IsCompletedSuccessfully: true, Result: var report }
            ? new SandboxProtection(report.CanRun, report.Network.ToString().ToLowerInvariant(), report.Protections, report.Missing)
            : null,
        Kinds = [.. sandbox.Kinds.Where(kind => !kind.IsDeprecated).Select(kind => new KindReport(kind.Name, kind.Missing))],
        Retention =
        [
            new("Events and journals", events.JournalRetention),
            new("Dead letters", events.DeadLetterRetention),
            new("Activations", runtime.ActivationRetention),
            new("Audit log", console.AuditRetention),
        ],
    };

    private long? FreeBytes()
    {
        try
        {
            return new DriveInfo(data.FullPath).AvailableFreeSpace;
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }
}
