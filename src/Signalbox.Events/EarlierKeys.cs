using Microsoft.Extensions.Hosting;
using Signalbox.Events.DeadLetters;
using Signalbox.Events.Replays;
using Signalbox.Events.Tracing;

namespace Signalbox.Events;

/// <summary>Before anything else of the room starts, lets new keys follow those of earlier starts.</summary>
internal sealed class EarlierKeys(DeadLetterStore letters, ReplayStore replays, TraceStore traces) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        await letters.ContinueKeysAsync(cancellationToken);
        await replays.ContinueKeysAsync(cancellationToken);
        await traces.ContinueKeysAsync(cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
