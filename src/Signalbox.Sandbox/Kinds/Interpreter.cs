using System.Runtime.CompilerServices;

namespace Signalbox.Sandbox.Kinds;

/// <summary>An interpreter that can be started, and everything that its sandbox shows of the host.</summary>
internal sealed record Interpreter
{
    public required SandboxKind Kind { get; init; }

    public required KindManifest Manifest { get; init; }

    /// <summary>Absolute path on the host, links resolved.</summary>
    public required string Path { get; init; }

    /// <summary>As the interpreter says, such as 20.20.2.</summary>
    public required string Version { get; init; }

    /// <summary>Absolute paths of shared libraries, as the loader looks for them.</summary>
    public required IReadOnlyList<string> Libraries { get; init; }

    /// <summary>Other files and folders that the sandbox shows where they are on the host.</summary>
    public IReadOnlyList<string> Mounts { get; init; } = [];

    /// <summary>Folders below <see cref="Mounts"/> that it shows empty.</summary>
    public IReadOnlyList<string> Hidden { get; init; } = [];

    /// <summary>The folder of modules that come with the kind; null: there are none, or they could not be installed.</summary>
    public string? Modules { get; init; }

    /// <summary>Where the sandbox shows <see cref="Path"/>.</summary>
    public string PathInside => Manifest.InterpreterPath ?? Path;

    /// <summary>There is one object for each interpreter that is in use; comparing what it holds would cost each start.</summary>
    public bool Equals(Interpreter? other) => ReferenceEquals(this, other);

    public override int GetHashCode() => RuntimeHelpers.GetHashCode(this);
}
