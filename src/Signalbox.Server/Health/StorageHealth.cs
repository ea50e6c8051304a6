using Microsoft.Extensions.Diagnostics.HealthChecks;
using Signalbox.Storage;

namespace Signalbox.Server.Health;

/// <summary>Ready means: the database takes a commit.</summary>
internal sealed class StorageHealth(Database database) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        await database.ProbeAsync(cancellationToken).WaitAsync(TimeSpan.FromSeconds(5), cancellationToken);
        return HealthCheckResult.Healthy($"{database.EngineName} commits");
    }
}
