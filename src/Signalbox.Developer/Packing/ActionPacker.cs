using System.Text;
using System.Text.Json.Nodes;
using Microsoft.Extensions.FileSystemGlobbing;
using Microsoft.Extensions.FileSystemGlobbing.Abstractions;
using Signalbox.Developer.Manifest;

namespace Signalbox.Developer.Packing;

/// <summary>Turns what <c>function</c> names into code: a folder into a zip, a file with what it needs into text or a zip.</summary>
internal static class ActionPacker
{
    /// <summary>The names that the sandbox gives to source text, by the endings that the text has here.</summary>
    private static readonly Dictionary<string, string> _textNames = new(StringComparer.Ordinal)
    {
        [".js"] = "index.js",
        [".cjs"] = "index.js",
        [".py"] = "__main__.py",
        [".cs"] = "Action.cs",
    };

    /// <exception cref="DeveloperException">The code is not there, or not of a sort that can be deployed.</exception>
    public static ActionCode Pack(ManifestAction action)
    {
        var function = action.Function;
        if (Directory.Exists(function))
        {
            return PackFolder(action);
        }

        if (!File.Exists(function))
        {
            throw new DeveloperException($"'{function}' does not exist.");
        }

        return Path.GetExtension(function) switch
        {
            ".zip" or ".gz" or ".tgz" or ".dll" or ".jar" => new ActionCode(Convert.ToBase64String(File.ReadAllBytes(function)), IsBinary: true, 1),
            ".ts" => throw new DeveloperException($"'{function}' is TypeScript, which is not compiled here. Point 'function' at the JavaScript that your build writes."),
            ".js" or ".cjs" or ".mjs" => PackSource(action),
            _ when action.Includes.Count > 0 => throw new DeveloperException($"'include' needs 'function' to be JavaScript or a folder, not '{function}'."),
            _ => Text(function, File.ReadAllText(function)),
        };
    }

    private static ActionCode PackFolder(ManifestAction action)
    {
        var archive = new ArchiveWriter();
        foreach (var file in Directory.EnumerateFiles(action.Function, "*", SearchOption.AllDirectories))
        {
            var name = Path.GetRelativePath(action.Function, file);
            if (!name.StartsWith(".git" + Path.DirectorySeparatorChar, StringComparison.Ordinal))
            {
                archive.Add(name, file);
            }
        }

        if (action.Kind.StartsWith("nodejs", StringComparison.Ordinal) && !archive.Contains("package.json") && !archive.Contains("index.js"))
        {
            throw new DeveloperException($"The folder '{action.Function}' has neither package.json nor index.js at its root.");
        }

        return Finish(archive, action);
    }

    private static ActionCode PackSource(ManifestAction action)
    {
        var source = File.ReadAllText(action.Function);
        var files = SourceFiles.Of(action.Function);
        var isModule = Path.GetExtension(action.Function) == ".mjs" || SourceFiles.IsModule(source);
        if (files.Count == 1 && action.Includes.Count == 0 && !isModule)
        {
            return Text(action.Function, source);
        }

        var root = CommonFolder(files);
        var archive = new ArchiveWriter();
        foreach (var file in files)
        {
            archive.Add(Path.GetRelativePath(root, file), file);
        }

        // The archive's own root module says where the action begins; an app's package.json would say something else.
        var description = new JsonObject { ["main"] = Path.GetRelativePath(root, action.Function).Replace('\\', '/') };
        if (isModule)
        {
            description["type"] = "module";
        }

        archive.Add("package.json", Encoding.UTF8.GetBytes(description.ToJsonString()));
        return Finish(archive, action);
    }

    private static ActionCode Text(string function, string source)
    {
        var code = new ActionCode(source, IsBinary: false, 1);
        return _textNames.TryGetValue(Path.GetExtension(function), out var name)
            ? code with { Sources = new Dictionary<string, string> { [name] = function } }
            : code;
    }

    private static ActionCode Finish(ArchiveWriter archive, ManifestAction action)
    {
        foreach (var (pattern, target) in action.Includes)
        {
            foreach (var file in Matching(pattern))
            {
                archive.Add(Path.Combine(target.Trim('/', '.'), Path.GetFileName(file)), file);
            }
        }

        return new ActionCode(Convert.ToBase64String(archive.ToArray()), IsBinary: true, archive.Count) { Sources = archive.Sources };
    }

    /// <summary>The files of a pattern; its folder is the part before the first wildcard.</summary>
    private static IEnumerable<string> Matching(string pattern)
    {
        var wildcard = pattern.IndexOf('*', StringComparison.Ordinal);
        if (wildcard < 0)
        {
            return File.Exists(pattern) ? [pattern] : Directory.Exists(pattern) ? Directory.EnumerateFiles(pattern) : throw Nothing(pattern);
        }

        var folder = pattern[..(pattern.LastIndexOf('/', wildcard) + 1)];
        if (!Directory.Exists(folder))
        {
            throw Nothing(pattern);
        }

        var matcher = new Matcher();
        matcher.AddInclude(pattern[folder.Length..]);
        return [.. matcher.Execute(new DirectoryInfoWrapper(new DirectoryInfo(folder))).Files.Select(match => Path.Combine(folder, match.Path))];
    }

    private static DeveloperException Nothing(string pattern) => new($"'include' names '{pattern}', which does not exist.");

    private static string CommonFolder(IEnumerable<string> files)
    {
        var common = Path.GetDirectoryName(files.First())!;
        foreach (var file in files)
        {
            while (!file.StartsWith(common + Path.DirectorySeparatorChar, StringComparison.Ordinal) && common != Path.GetPathRoot(common))
            {
                common = Path.GetDirectoryName(common)!;
            }
        }

        return common;
    }
}
