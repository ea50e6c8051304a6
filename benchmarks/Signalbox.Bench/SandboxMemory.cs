using System.Globalization;

namespace Signalbox.Bench;

/// <summary>
/// What a Node.js process that waits for code takes, against the 45 MB that it may take. Resident memory (RSS) counts
/// the interpreter's pages in each process that shares them; the proportional share (PSS) is told beside it.
/// </summary>
internal sealed class SandboxMemory : IBenchmark
{
    private const double AllowedMb = 45;

    private static readonly TimeSpan _settling = TimeSpan.FromSeconds(5);

    public string Name => "sandbox-memory";

    public string Description => "resident memory of an idle pre-started Node.js process / 45 MB";

    public async Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        await Task.Delay(_settling, cancellationToken);
        var idle = server.Sandboxes();
        if (idle.Count == 0)
        {
            throw new InvalidOperationException("No pre-started process was found among the server's processes.");
        }

        var resident = Rounds.Median([.. idle.Select(sandbox => sandbox.ResidentMb)]);
        await Console.Error.WriteLineAsync(string.Create(
            CultureInfo.InvariantCulture,
            $"  {idle.Count} processes: RSS {resident:N1} MB, PSS {Rounds.Median([.. idle.Select(sandbox => sandbox.ProportionalMb)]):N1} MB at the median"));
        return new BenchResult(Name, resident, AllowedMb, "MB", Goal: 1, MoreIsBetter: false);
    }
}
