using Microsoft.Extensions.Diagnostics.HealthChecks;
using Signalbox.Sandbox;

namespace Signalbox.Server.Health;

/// <summary>
/// Healthy means: actions run, closed off as the settings ask for. Where they do not, this server still accepts events
/// and delivers to webhooks, so it is degraded, not unhealthy.
/// </summary>
internal sealed class SandboxHealth(SandboxPool pool, SandboxOptions options) : IHealthCheck
{
    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(2);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        try
        {
            return Judge(await pool.HostReport.WaitAsync(_patience, TimeProvider.System, cancellationToken));
        }
        catch (TimeoutException)
        {
            return HealthCheckResult.Degraded("What this host can do to isolate actions is still being tried; actions wait for it.");
        }
    }

    private HealthCheckResult Judge(SandboxHostReport report)
    {
        var missing = report.Missing.Count > 0 ? " Missing " + string.Join("; missing ", report.Missing) + "." : "";
        if (!report.CanRun)
        {
            return HealthCheckResult.Degraded("Actions are refused; events are accepted and webhooks delivered." + missing);
        }

        if (options.Isolation == SandboxIsolation.None)
        {
            return HealthCheckResult.Degraded("Actions run without isolation, for development only." + missing);
        }

        var kinds = pool.Kinds.Where(kind => kind.IsSupported).Select(kind => kind.Name).ToList();
        if (kinds.Count == 0)
        {
            return HealthCheckResult.Degraded("No kind of action can run on this host; events are accepted and webhooks delivered." + missing);
        }

        return report.Network < options.Network && options.Network == SandboxNetwork.Internet
            ? HealthCheckResult.Degraded("Actions have no network." + missing)
            : HealthCheckResult.Healthy($"Runs {string.Join(", ", kinds)}; {string.Join("; ", report.Protections)}.{missing}");
    }
}
