namespace Signalbox.Sandbox.Kinds;

/// <summary>The name under which the launcher finds source text.</summary>
/// <param name="Name">In the code folder.</param>
/// <param name="Pattern">A regular expression that the text must match; null: any text.</param>
internal sealed record SourceFile(string Name, string? Pattern = null);
