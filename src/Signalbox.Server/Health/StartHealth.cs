using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Signalbox.Server.Health;

/// <summary>Ready means: the start is over. Requests are answered some moments before, while its last files are written.</summary>
internal sealed class StartHealth(StartPhase start) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(start.IsOver ? HealthCheckResult.Healthy("has started") : HealthCheckResult.Unhealthy("is starting; try again in a moment"));
}
