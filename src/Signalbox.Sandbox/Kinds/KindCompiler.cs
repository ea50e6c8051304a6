namespace Signalbox.Sandbox.Kinds;

/// <summary>
/// A command that runs in a sandbox without a network, reads the source file, and writes what the launcher loads.
/// A failure's output is the load error.
/// </summary>
/// <param name="Command">With <see cref="LaunchPlaces"/> in braces; <c>{output}</c> is the folder to write to.</param>
/// <param name="MemoryMb">Memory it may take.</param>
/// <param name="TimeoutSeconds">Time it may take.</param>
internal sealed record KindCompiler(IReadOnlyList<string> Command, int MemoryMb, int TimeoutSeconds);
