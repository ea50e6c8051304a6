using Microsoft.Extensions.Diagnostics.HealthChecks;
using Signalbox.Server.Health;

namespace Signalbox.Server.Tests.Health;

public sealed class StartHealthTests
{
    [Fact]
    public async Task A_server_is_not_ready_before_its_start_is_over()
    {
        var start = new StartPhase();
        var health = new StartHealth(start);

        var before = await health.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None);
        start.IsOver = true;
        var after = await health.CheckHealthAsync(new HealthCheckContext(), CancellationToken.None);

        Assert.Equal(HealthStatus.Unhealthy, before.Status);
        Assert.Equal(HealthStatus.Healthy, after.Status);
    }
}
