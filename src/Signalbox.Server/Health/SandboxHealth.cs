using Microsoft.Extensions.Diagnostics.HealthChecks;
using Signalbox.Sandbox;

namespace Signalbox.Server.Health;

/// <summary>Ready means: there is at least one kind of action that this host can run.</summary>
internal sealed class SandboxHealth(SandboxPool pool) : IHealthCheck
{
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        Task.FromResult(pool.Kinds.Any(kind => kind.IsSupported)
            ? HealthCheckResult.Healthy(string.Join(", ", pool.Kinds.Where(kind => kind.IsSupported).Select(kind => kind.Name)))
            : HealthCheckResult.Degraded("No kind of action can run on this host; events are accepted and webhooks delivered."));
}
