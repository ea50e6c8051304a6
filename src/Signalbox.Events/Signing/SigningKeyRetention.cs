using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.Signing;

/// <summary>
/// Deletes the retired signing keys whose time is over, every hour. Nobody depends on its pace: they are not served or
/// listed any more from that moment on.
/// </summary>
internal sealed partial class SigningKeyRetention(SigningKeys keys, TimeProvider clock, ILogger<SigningKeyRetention> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        do
        {
            try
            {
                await keys.DeleteExpiredAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Deleting expired signing keys failed; it is tried again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
