using System.Globalization;

namespace Signalbox.Bench;

/// <summary>Load from <c>wrk</c>, a process apart, the same for both sides of a comparison.</summary>
internal static class Wrk
{
    /// <summary>POSTs one body again and again; <c>@SEQ@</c> in it becomes a number. Returns requests a second.</summary>
    /// <exception cref="InvalidOperationException">A request failed or was not answered with 2xx or 3xx.</exception>
    public static async Task<double> PostAsync(
        Uri url, string body, IReadOnlyDictionary<string, string> headers, int connections, TimeSpan duration, CancellationToken cancellationToken) =>
        (await MeasureAsync(url, body, headers, connections, duration, cancellationToken)).RequestsPerSecond;

    /// <inheritdoc cref="PostAsync"/>
    public static async Task<Load> MeasureAsync(
        Uri url, string body, IReadOnlyDictionary<string, string> headers, int connections, TimeSpan duration, CancellationToken cancellationToken)
    {
        var folder = Directory.CreateTempSubdirectory("signalbox-wrk-").FullName;
        try
        {
            var bodyFile = Path.Combine(folder, "body");
            var headerFile = Path.Combine(folder, "headers");
            await File.WriteAllTextAsync(bodyFile, body, cancellationToken);
            await File.WriteAllLinesAsync(headerFile, headers.Select(h => $"{h.Key}: {h.Value}"), cancellationToken);
            var output = await ChildProcess.RunAsync(
                "wrk",
                ["-t1", $"-c{connections}", $"-d{(int)duration.TotalSeconds}s", "--timeout", "10s", "-s", Assets.Path("post.lua"), url.ToString()],
                new Dictionary<string, string> { ["BODY_FILE"] = bodyFile, ["HEADER_FILE"] = headerFile },
                cancellationToken);
            var result = output.Split('\n').First(line => line.StartsWith("RESULT ", StringComparison.Ordinal)).Split(' ');
            var (requests, microseconds, errors) = (
                double.Parse(result[1], CultureInfo.InvariantCulture),
                double.Parse(result[2], CultureInfo.InvariantCulture),
                long.Parse(result[3], CultureInfo.InvariantCulture));
            return errors == 0
                ? new Load(requests, requests / (microseconds / 1e6), double.Parse(result[4], CultureInfo.InvariantCulture) / 1e3)
                : throw new InvalidOperationException($"{errors} of {requests} requests to {url} failed:\n{output}");
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }
}
