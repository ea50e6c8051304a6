namespace Signalbox.Sandbox;

/// <summary>Code that can be loaded into a sandbox, with everything that decides which process may run it.</summary>
public sealed record SandboxedAction
{
    /// <summary>
    /// Names exactly this code with these settings, such as <c>guest/pkg/hello@0.0.3</c> plus the write's revision:
    /// two requests with the same id may share a process; another id never does.
    /// </summary>
    public required string Id { get; init; }

    /// <summary>The namespace. A process serves one owner in its whole life.</summary>
    public required string Owner { get; init; }

    /// <summary>A kind of <see cref="SandboxPool.Kinds"/>, such as <c>nodejs:20</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Source text, or the base64 of an archive when <see cref="IsBinary"/>.</summary>
    public required string Code { get; init; }

    /// <summary>True when <see cref="Code"/> is the base64 of a zip or tar.gz.</summary>
    public required bool IsBinary { get; init; }

    /// <summary>The entry point, such as <c>main</c>, <c>handler.main</c>; null: the kind's default.</summary>
    public string? Main { get; init; }

    /// <summary>Variables of the process's environment, set once when the code is loaded (<c>__OW_*</c>, init parameters).</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Time for loading, and again for each run.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Memory of the process, in MB.</summary>
    public required int MemoryMb { get; init; }

    /// <summary>Log bytes kept for one activation; 0 keeps none.</summary>
    public required int LogBytesMax { get; init; }

    /// <summary>Activations that one process may run at once, 1 to 500.</summary>
    public required int Concurrency { get; init; }
}
