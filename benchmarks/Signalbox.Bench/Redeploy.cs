using System.Diagnostics;
using System.Text.Json.Nodes;

namespace Signalbox.Bench;

/// <summary>From the save of an action's file, watched by <c>signalbox dev</c>, to the answer of the new code, against one second.</summary>
internal sealed class Redeploy : IBenchmark
{
    private const int Count = 15;
    private const double ReferenceMs = 1_000;

    private static readonly TimeSpan _pause = TimeSpan.FromMilliseconds(5);

    public string Name => "redeploy";

    public string Description => "from saving a file under 'signalbox dev' to the new code's answer / 1 s";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-bench-dev-").FullName;
        try
        {
            await File.WriteAllTextAsync(
                Path.Combine(folder, "manifest.yml"), "packages: { default: { actions: { bench-redeploy: { function: index.js } } } }", cancellationToken);
            await SaveAsync(folder, 0, cancellationToken);
            await using var dev = await ChildProcess.StartAsync("dotnet", [server.Program, "dev", folder, "--data", server.Data], "Watching", cancellationToken);
            var values = new List<double>();
            for (var i = 1; i <= Count; i++)
            {
                await SaveAsync(folder, i, cancellationToken);
                var saved = Stopwatch.GetTimestamp();
                while (await VersionAsync(server, cancellationToken) != i)
                {
                    await Task.Delay(_pause, cancellationToken);
                }

                values.Add(Stopwatch.GetElapsedTime(saved).TotalMilliseconds);
            }

            await Console.Error.WriteLineAsync($"  the slowest of {Count}: {values.Max():N0} ms");
            return new BenchResult(Name, Rounds.Median(values), ReferenceMs, "ms", Goal: 1, MoreIsBetter: false);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Task SaveAsync(string folder, int version, CancellationToken cancellationToken) =>
        File.WriteAllTextAsync(Path.Combine(folder, "index.js"), $"exports.main = () => ({{ version: {version} }});\n", cancellationToken);

    private static async Task<int> VersionAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var answer = await server.RuntimeAsync(HttpMethod.Post, "/actions/bench-redeploy?blocking=true&result=true", new JsonObject(), cancellationToken);
        return answer!["version"]!.GetValue<int>();
    }
}
