namespace Signalbox.WebConsole.Components;

/// <summary>A place in an editor's text where something is wrong.</summary>
/// <param name="From">The first character, from 0.</param>
/// <param name="To">Behind the last one.</param>
/// <param name="Message">What is wrong.</param>
public sealed record EditorFault(int From, int To, string Message);
