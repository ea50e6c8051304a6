using System.Diagnostics.Metrics;
using System.Runtime.CompilerServices;
using Signalbox.Events;
using Signalbox.Identity;
using Signalbox.Runtime;
using Signalbox.Sandbox;
using Signalbox.Server.Tests.Conformance;
using Signalbox.Storage;

namespace Signalbox.Server.Tests.Telemetry;

/// <summary>A histogram tells apart what it measures; OpenTelemetry's own boundaries are for milliseconds.</summary>
public sealed class HistogramTests(WholeServer server) : IClassFixture<WholeServer>
{
    [Fact]
    public async Task Every_histogram_tells_small_values_apart()
    {
        var histograms = RecordOneInEach();

        var metrics = await server.Http.GetStringAsync("/metrics");

        Assert.Equal(5, histograms.Count);
        foreach (var histogram in histograms)
        {
            var bound = histogram is Histogram<double> ? "0.005" : "1";
            Assert.Contains(
                metrics.Split('\n'),
                line => line.StartsWith(NameOf(histogram) + "_bucket{", StringComparison.Ordinal) && line.Contains($"le=\"{bound}\"", StringComparison.Ordinal));
        }
    }

    [Fact]
    public async Task A_delivery_that_waits_for_hours_is_told_from_one_that_waits_for_minutes()
    {
        RecordOneInEach();

        Assert.Contains("le=\"28800\"", await server.Http.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    /// <summary>A histogram is shown once it has something to show.</summary>
    private static List<Instrument> RecordOneInEach()
    {
        foreach (var room in (Type[])[typeof(EventsRoom), typeof(RuntimeRoom), typeof(SandboxRoom), typeof(IdentityRoom), typeof(StorageRoom)])
        {
            foreach (var metrics in room.Assembly.GetTypes().Where(type => type.Name.EndsWith("Metrics", StringComparison.Ordinal)))
            {
                RuntimeHelpers.RunClassConstructor(metrics.TypeHandle);
            }
        }

        var found = new List<Instrument>();
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, _) =>
            {
                if (instrument.Meter.Name.StartsWith("Signalbox.", StringComparison.Ordinal) && instrument is Histogram<double> or Histogram<int>)
                {
                    found.Add(instrument);
                }
            },
        };
        listener.Start();
        foreach (var instrument in found)
        {
            (instrument as Histogram<double>)?.Record(0.004);
            (instrument as Histogram<int>)?.Record(1);
        }

        return found;
    }

    private static string NameOf(Instrument histogram) => histogram.Name.Replace('.', '_') + histogram.Unit switch
    {
        "s" => "_seconds",
        _ => "",
    };
}
