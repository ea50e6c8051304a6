using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;

namespace Signalbox.Developer.Packing;

/// <summary>
/// The files that a Node.js source file needs: what it requires or imports by a relative path, and so on from
/// there, and the installed packages that these name, with those that they depend on. Nothing is bundled, so that
/// stack traces keep the user's own lines.
/// </summary>
internal sealed partial class SourceFiles
{
    private const int FilesMax = 50_000;

    private static readonly string[] _extensions = ["", ".js", ".cjs", ".mjs", ".json", "/index.js"];

    private readonly SortedSet<string> _files = new(StringComparer.Ordinal);
    private readonly HashSet<string> _packages = new(StringComparer.Ordinal);

    private SourceFiles()
    {
    }

    /// <summary>Absolute paths, the entry's own included.</summary>
    public static IReadOnlyCollection<string> Of(string entry)
    {
        var found = new SourceFiles();
        found.AddSource(entry);
        return found._files;
    }

    public static bool IsModule(string source) => ModuleSyntax.IsMatch(source);

    private void AddSource(string file)
    {
        if (!Add(file) || Path.GetExtension(file) is not (".js" or ".cjs" or ".mjs"))
        {
            return;
        }

        foreach (Match match in Import.Matches(File.ReadAllText(file)))
        {
            var name = match.Groups["name"].Value;
            if (name[0] == '.')
            {
                if (Resolve(Path.GetFullPath(name, Path.GetDirectoryName(file)!)) is { } source)
                {
                    AddSource(source);
                }
            }
            else
            {
                AddPackage(PackageName(name), Path.GetDirectoryName(file)!);
            }
        }
    }

    /// <summary>What is not installed is left to the runtime's own modules, or to its error.</summary>
    private void AddPackage(string name, string from)
    {
        for (var folder = from; folder is not null; folder = Path.GetDirectoryName(folder))
        {
            var candidate = Path.Combine(folder, "node_modules", name);
            if (!Directory.Exists(candidate))
            {
                continue;
            }

            if (_packages.Add(candidate))
            {
                AddFolder(candidate);
                foreach (var dependency in Dependencies(candidate))
                {
                    AddPackage(dependency, candidate);
                }
            }

            return;
        }
    }

    private void AddFolder(string folder)
    {
        foreach (var file in Directory.EnumerateFiles(folder))
        {
            Add(file);
        }

        // Packages nested in this one are added when something names them.
        foreach (var child in Directory.EnumerateDirectories(folder).Where(child => Path.GetFileName(child) is not ("node_modules" or ".git")))
        {
            AddFolder(child);
        }
    }

    private bool Add(string file)
    {
        if (_files.Count >= FilesMax)
        {
            throw new DeveloperException($"The action needs more than {FilesMax} files. Point 'function' at a bundled file or a smaller folder.");
        }

        return _files.Add(file);
    }

    private static string? Resolve(string path) => _extensions.Select(extension => path + extension).FirstOrDefault(File.Exists);

    private static string PackageName(string import)
    {
        var parts = import.Split('/');
        return import[0] == '@' && parts.Length > 1 ? $"{parts[0]}/{parts[1]}" : parts[0];
    }

    private static IEnumerable<string> Dependencies(string package)
    {
        try
        {
            var description = JsonNode.Parse(File.ReadAllText(Path.Combine(package, "package.json")));
            return [.. new[] { "dependencies", "optionalDependencies", "peerDependencies" }
                .SelectMany(kind => (description?[kind] as JsonObject ?? []).Select(dependency => dependency.Key))];
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            return [];
        }
    }

    [GeneratedRegex("""\b(?:require\s*\(|import\s*\(|from|import)\s*(?<quote>["'])(?<name>[^"'\n]+)\k<quote>""")]
    private static partial Regex Import { get; }

    [GeneratedRegex(@"^\s*(import\s+[\w{*""']|export\s+(default|const|let|var|function|async|class|\{|\*))", RegexOptions.Multiline)]
    private static partial Regex ModuleSyntax { get; }
}
