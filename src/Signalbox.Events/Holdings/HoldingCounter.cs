using Dapper;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Registrations;
using Signalbox.Storage;

namespace Signalbox.Events.Holdings;

/// <summary>Counts every minute what the server holds, and more seldom when that takes long.</summary>
/// <remarks>
/// Neither database knows how many rows a table has. A count reads the whole of the smallest index. It runs beside everything else, once for all scrapes, and for a fiftieth of the time at most.
/// </remarks>
internal sealed partial class HoldingCounter(
    Database database, RegistrationDirectory registrations, TimeProvider clock, ILogger<HoldingCounter> logger) : BackgroundService
{
    private const int RestsPerCount = 50;

    private static readonly TimeSpan _interval = TimeSpan.FromMinutes(1);

    private static readonly TimeSpan _pauseMax = TimeSpan.FromHours(1);

    /// <summary>One count.</summary>
    public async Task<Holding> CountAsync(CancellationToken cancellationToken)
    {
        var live = (await registrations.GetIndexAsync(cancellationToken)).Live.CountBy(registration => registration.State).ToDictionary();
        await using var connection = await database.OpenAsync(cancellationToken);
        return new Holding
        {
            Deliveries = await CountAsync("deliveries"),
            DeadLetters = await CountAsync("dead_letters"),
            FailingNotices = await CountAsync("notices WHERE attempts > 0"),
            Registrations = Enum.GetValues<RegistrationState>().ToDictionary(state => state, state => live.GetValueOrDefault(state)),
        };

        Task<long> CountAsync(string rows) =>
            connection.QuerySingleAsync<long>(new CommandDefinition($"SELECT COUNT(*) FROM {rows}", cancellationToken: cancellationToken));
    }

    /// <summary>How long the next count is waited with. A clock that was set forward meanwhile makes a count look longer than it was.</summary>
    internal static TimeSpan PauseAfter(TimeSpan count) =>
        count >= _pauseMax / RestsPerCount ? _pauseMax
        : count * RestsPerCount > _interval ? count * RestsPerCount
        : _interval;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            var begunAt = clock.GetTimestamp();
            try
            {
                HoldingMetrics.Tell(await CountAsync(stoppingToken));
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }

            await Task.Delay(PauseAfter(clock.GetElapsedTime(begunAt)), clock, stoppingToken);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Counting what is owed and kept failed; the gauges tell the last count until the next")]
        public static partial void Failed(ILogger logger, Exception exception);
    }
}
