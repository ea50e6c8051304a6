namespace Signalbox.Sandbox;

/// <summary>An interpreter besides those on <c>PATH</c>.</summary>
/// <param name="Kind">The kind it runs, such as <c>nodejs:22</c>; must be what the interpreter itself says it is.</param>
/// <param name="Path">Absolute path of the executable.</param>
public sealed record SandboxInterpreter(string Kind, string Path);
