namespace Signalbox.Developer.Packing;

/// <summary>An action's code as the API takes it.</summary>
/// <param name="Code">Source text, or the base64 of an archive.</param>
/// <param name="IsBinary">True for archives.</param>
/// <param name="Files">How many files it is made of.</param>
internal sealed record ActionCode(string Code, bool IsBinary, int Files);
