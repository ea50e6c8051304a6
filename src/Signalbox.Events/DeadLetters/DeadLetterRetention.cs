using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.DeadLetters;

/// <summary>
/// Every minute removes the dead letters that are too old, and the oldest of registrations that have too many, so that
/// one dead endpoint cannot fill the disk.
/// </summary>
internal sealed partial class DeadLetterRetention(
    DeadLetterStore store, IRegistrationDirectory registrations, EventsOptions options, TimeProvider clock, ILogger<DeadLetterRetention> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    /// <summary>One pass.</summary>
    public async Task SweepAsync(CancellationToken cancellationToken)
    {
        var expired = await store.DeleteExpiredAsync(options.DeadLetterRetention, cancellationToken);
        if (expired > 0)
        {
            DeadLetterMetrics.Expired.Add(expired);
            Log.Expired(logger, expired, options.DeadLetterRetention);
        }

        foreach (var key in await store.FindRegistrationsAsync(cancellationToken))
        {
            var dropped = await store.TrimAsync(key, options.DeadLettersPerRegistrationMax, cancellationToken);
            if (dropped > 0)
            {
                DeadLetterMetrics.Dropped.Add(dropped);
                var registration = await registrations.FindAsync(key, cancellationToken);
                Log.Dropped(logger, registration?.Name ?? $"{key}", registration?.Id, options.DeadLettersPerRegistrationMax, dropped);
            }
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(_interval, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
        {
            try
            {
                await SweepAsync(stoppingToken);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Registration '{Name}' ({RegistrationId}) has more than {Max} dead letters: its {Count} oldest were dropped (Events:DeadLettersPerRegistrationMax)")]
        public static partial void Dropped(ILogger logger, string name, RegistrationId? registrationId, int max, long count);

        [LoggerMessage(3, LogLevel.Warning, "{Count} dead letters that nobody redrove are gone: they were older than {Retention} (Events:DeadLetterRetention)")]
        public static partial void Expired(ILogger logger, long count, TimeSpan retention);

        [LoggerMessage(2, LogLevel.Error, "Removing old dead letters failed; the next pass tries again")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
