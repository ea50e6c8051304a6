using System.Diagnostics;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace Signalbox.Bench;

/// <summary>A durable publish at one connection, against one <c>fdatasync</c> of the same disk plus 0.7 ms.</summary>
internal sealed class PublishLatency : IBenchmark
{
    private const string EventCode = "bench.latency";
    private const double AllowedMs = 0.7;
    private const int Syncs = 500;

    public string Name => "publish-latency";

    public string Description => "median of a durable publish, 1 connection / median fdatasync + 0.7 ms";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var provider = await server.CreateRegistrationAsync(EventCode, runtimeAction: null, cancellationToken);
        var url = new Uri(server.Url, "/ingress");
        var body = Publish.CloudEvent(provider, EventCode);
        await Wrk.PostAsync(url, body, server.PublishHeaders, 1, TimeSpan.FromSeconds(4), cancellationToken);
        var values = new List<double>();
        var references = new List<double>();
        for (var round = 0; round < 3; round++)
        {
            values.Add((await Wrk.MeasureAsync(url, body, server.PublishHeaders, 1, TimeSpan.FromSeconds(4), cancellationToken)).MedianMs);
            references.Add(MedianSyncMs(server.Data) + AllowedMs);
        }

        return new BenchResult(Name, Rounds.Median(values), Rounds.Median(references), "ms", Goal: 1, MoreIsBetter: false);
    }

    /// <summary>Appends as much as a small commit does and makes it durable, again and again.</summary>
    private static double MedianSyncMs(string folder)
    {
        var path = Path.Combine(folder, "fdatasync-probe");
        var times = new List<double>(Syncs);
        using (var file = File.OpenHandle(path, FileMode.Create, FileAccess.Write))
        {
            var page = new byte[8 << 10];
            for (var i = 0; i < Syncs; i++)
            {
                var start = Stopwatch.GetTimestamp();
                RandomAccess.Write(file, page, (long)i * page.Length);
                if (DataSync(file) != 0)
                {
                    throw new InvalidOperationException($"fdatasync of '{path}' failed with error {Marshal.GetLastPInvokeError()}.");
                }

                times.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        File.Delete(path);
        return Rounds.Median(times);
    }

    [DllImport("libc", EntryPoint = "fdatasync", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int DataSync(SafeFileHandle file);
}
