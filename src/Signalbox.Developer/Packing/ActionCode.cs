namespace Signalbox.Developer.Packing;

/// <summary>An action's code as the API takes it.</summary>
/// <param name="Code">Source text, or the base64 of an archive.</param>
/// <param name="IsBinary">True for archives.</param>
/// <param name="Files">How many files it is made of.</param>
internal sealed record ActionCode(string Code, bool IsBinary, int Files)
{
    /// <summary>The files that it was made of, absolute, by the names that the sandbox shows them under. Empty when that is not known.</summary>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();
}
