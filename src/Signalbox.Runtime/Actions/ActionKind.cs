namespace Signalbox.Runtime.Actions;

/// <summary>A kind of code that this server runs.</summary>
/// <param name="Name">Such as <c>nodejs:20</c>.</param>
/// <param name="IsDefault">It is what <c>nodejs:default</c> stands for in its family.</param>
public sealed record ActionKind(string Name, bool IsDefault);
