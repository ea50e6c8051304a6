namespace Signalbox.WebConsole.Components;

/// <summary>A word that an editor offers.</summary>
/// <param name="Label">What is inserted.</param>
/// <param name="Detail">What it means, in a few words.</param>
public sealed record EditorCompletion(string Label, string Detail);
