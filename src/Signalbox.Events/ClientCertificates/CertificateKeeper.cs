using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Events.ClientCertificates;

/// <summary>Looks after the client certificates every hour: issues the next one in time, and reads the operator's file again when it changed.</summary>
internal sealed partial class CertificateKeeper(PresentedCertificates certificates, TimeProvider clock, ILogger<CertificateKeeper> logger) : BackgroundService
{
    private static readonly TimeSpan _interval = TimeSpan.FromHours(1);

    private static readonly TimeSpan _warnEvery = TimeSpan.FromDays(1);

    private DateTimeOffset _warnAgainAt;

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        await certificates.LoadAsync(cancellationToken);
        await base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // The start does not wait for new keys.
        await Task.Yield();
        using var timer = new PeriodicTimer(_interval, clock);
        do
        {
            try
            {
                if (await certificates.KeepAsync(stoppingToken) is { } issued)
                {
                    Log.Issued(logger, issued.NotAfter, issued.PresentedFrom);
                }
            }
            catch (FormatException exception)
            {
                Log.Unusable(logger, exception.Message);
            }
            catch (Exception exception) when (exception is not OperationCanceledException)
            {
                Log.Failed(logger, exception);
            }

            Warn();
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    private void Warn()
    {
        if (clock.GetUtcNow() is var now && now >= _warnAgainAt && certificates.FindWarning() is { } warning)
        {
            Log.EndsSoon(logger, warning);
            _warnAgainAt = now + _warnEvery;
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "A client certificate was issued: it ends {NotAfter:u} and is presented from {PresentedFrom:u}")]
        public static partial void Issued(ILogger logger, DateTimeOffset notAfter, DateTimeOffset presentedFrom);

        [LoggerMessage(2, LogLevel.Error, "The client certificate could not be looked after; it is tried again in an hour")]
        public static partial void Failed(ILogger logger, Exception exception);

        [LoggerMessage(3, LogLevel.Error, "{Reason} The certificate from before is presented further; the file is read again in an hour, or at once by 'signalbox certificates renew'")]
        public static partial void Unusable(ILogger logger, string reason);

        [LoggerMessage(4, LogLevel.Warning, "{Warning}")]
        public static partial void EndsSoon(ILogger logger, string warning);
    }
}
