using System.Text.RegularExpressions;

namespace Signalbox.Developer.Deployment;

/// <summary>The names of files in an error's text, turned from the sandbox's into the user's own.</summary>
internal static partial class SourceLines
{
    /// <param name="sources">Absolute paths of the user's files, by their names in the sandbox.</param>
    public static string Locate(string text, IReadOnlyDictionary<string, string> sources) => Inside.Replace(
        text, match => sources.TryGetValue(match.Groups["name"].Value, out var file) ? file : match.Value);

    [GeneratedRegex(@"(?:file://)?/action/(?<name>[^\s:()'""]+)")]
    private static partial Regex Inside { get; }
}
