namespace Signalbox.Bench;

/// <summary>Measures one thing of a running server, and its reference in the same run.</summary>
internal interface IBenchmark
{
    string Name { get; }

    /// <summary>What is measured against what, for the help text.</summary>
    string Description { get; }

    /// <summary>False: it measures a library, and is given no server.</summary>
    bool NeedsServer => true;

    Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken);
}
