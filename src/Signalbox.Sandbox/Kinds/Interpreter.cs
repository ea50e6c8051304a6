namespace Signalbox.Sandbox.Kinds;

/// <summary>An interpreter that was found on this machine, and the files it needs to start.</summary>
/// <param name="Kind">What it runs.</param>
/// <param name="Path">Absolute path, links resolved.</param>
/// <param name="Version">As the interpreter says, such as <c>v20.20.2</c>.</param>
/// <param name="Libraries">Absolute paths of its shared libraries, as the loader looks for them.</param>
internal sealed record Interpreter(SandboxKind Kind, string Path, string Version, IReadOnlyList<string> Libraries);
