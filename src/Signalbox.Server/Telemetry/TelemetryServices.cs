using Npgsql;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace Signalbox.Server.Telemetry;

/// <summary>
/// OpenTelemetry: Prometheus text at <c>/metrics</c> always; OTLP for traces and metrics when
/// <c>OTEL_EXPORTER_OTLP_ENDPOINT</c> is set, as the standard says.
/// </summary>
internal static class TelemetryServices
{
    private static readonly string[] _rooms =
        ["Signalbox.Events", "Signalbox.Runtime", "Signalbox.Sandbox", "Signalbox.Identity", "Signalbox.Storage"];

    public static void AddTelemetry(this IServiceCollection services)
    {
        var exportsOtlp = Environment.GetEnvironmentVariable("OTEL_EXPORTER_OTLP_ENDPOINT") is { Length: > 0 };
        var telemetry = services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("signalbox", serviceVersion: ServerVersion.Text))
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(_rooms)
                    .AddMeter("Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel")
                    .AddRuntimeInstrumentation()
                    .AddPrometheusExporter();
                if (exportsOtlp)
                {
                    metrics.AddOtlpExporter();
                }
            });

        // Without an exporter nobody would read the spans, and each request would still pay for them.
        if (exportsOtlp)
        {
            telemetry.WithTracing(tracing => tracing
                .AddSource(_rooms)
                .AddAspNetCoreInstrumentation()
                .AddHttpClientInstrumentation()
                .AddNpgsql()
                .AddOtlpExporter());
        }
    }
}
