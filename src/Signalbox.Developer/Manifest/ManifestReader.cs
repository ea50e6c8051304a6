using System.Text.Json;
using System.Text.Json.Nodes;

namespace Signalbox.Developer.Manifest;

/// <summary>
/// Reads what a folder deploys: <c>app.config.yaml</c> of an App Builder project, with its extensions, or the
/// <c>manifest.yml</c> of OpenWhisk.
/// </summary>
internal static class ManifestReader
{
    private static readonly string[] _names = ["app.config.yaml", "app.config.yml", "manifest.yaml", "manifest.yml"];

    public static string? Find(string folder) => _names.Select(name => Path.Combine(folder, name)).FirstOrDefault(File.Exists);

    /// <exception cref="DeveloperException">There is none, or it cannot be read; the message says where and why.</exception>
    public static ProjectManifest Read(string folder)
    {
        var file = Find(folder) ?? throw new DeveloperException($"There is no {string.Join(", ", _names)} in '{folder}'.");
        var places = new YamlPlaces(file);
        var root = IncludedFiles.Read(file, places);
        var inputs = new InputValues(folder);
        var notBuilt = new List<string>();
        var packages = new List<ManifestPackage>();
        foreach (var manifest in Manifests(root))
        {
            foreach (var (name, package) in manifest["packages"] as JsonObject ?? manifest["package"] as JsonObject ?? [])
            {
                packages.Add(ReadPackage(name == "__APP_PACKAGE__" ? AppPackage(folder) : name, package as JsonObject ?? [], places, inputs, notBuilt));
            }
        }

        if (packages.Count == 0)
        {
            throw new DeveloperException($"{file} names no packages. They stand below application.runtimeManifest.packages, or in a manifest.yml below packages.");
        }

        notBuilt.AddRange(inputs.Missing.Select(name => $"${name} is neither in the environment nor in .env: it is read as empty"));
        return new ProjectManifest(file, packages, [.. notBuilt.Distinct()]);
    }

    private static IEnumerable<JsonObject> Manifests(JsonObject root)
    {
        if (root["packages"] is JsonObject)
        {
            yield return root;
        }

        JsonNode?[] places = [root["project"], root["application"]?["runtimeManifest"], .. (root["extensions"] as JsonObject ?? []).Select(extension => extension.Value?["runtimeManifest"])];
        foreach (var place in places)
        {
            if (place is JsonObject manifest)
            {
                yield return manifest;
            }
        }
    }

    private static ManifestPackage ReadPackage(string name, JsonObject package, YamlPlaces places, InputValues inputs, List<string> notBuilt)
    {
        foreach (var kind in (string[])["triggers", "rules", "apis", "dependencies"])
        {
            if (package[kind] is JsonObject { Count: > 0 } unsupported)
            {
                notBuilt.Add($"{kind} are not built in Signalbox yet; left out: {string.Join(", ", unsupported.Select(item => $"{name}/{item.Key}"))}");
            }
        }

        List<ManifestAction> actions = [];
        foreach (var (actionName, action) in package["actions"] as JsonObject ?? [])
        {
            actions.Add(ReadAction($"{name}/{actionName}", actionName, action as JsonObject ?? [], places.Of(package["actions"], actionName), places, inputs, notBuilt));
        }

        List<ManifestSequence> sequences = [];
        foreach (var (sequenceName, sequence) in package["sequences"] as JsonObject ?? [])
        {
            var components = sequence?["actions"] switch
            {
                JsonValue value when value.TryGetValue<string>(out var list) => list.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
                JsonArray array => [.. array.Select(item => item?.ToString() ?? "")],
                _ => throw new DeveloperException($"{places.Of(package["sequences"], sequenceName)}: sequence {name}/{sequenceName} names no actions, such as 'actions: first, second'."),
            };
            sequences.Add(new ManifestSequence(
                sequenceName,
                [.. components.Select(component => component.Contains('/', StringComparison.Ordinal) || name == "default" ? component : $"{name}/{component}")],
                Annotations((JsonObject)sequence!, $"{name}/{sequenceName}", notBuilt)));
        }

        return new ManifestPackage(name, inputs.Read(package["inputs"]), package["annotations"] as JsonObject ?? [], actions, sequences);
    }

    private static ManifestAction ReadAction(
        string fullName, string name, JsonObject action, string place, YamlPlaces places, InputValues inputs, List<string> notBuilt)
    {
        if (action["docker"] is not null)
        {
            notBuilt.Add($"docker images are not run by Signalbox; {fullName} will be refused");
        }

        var function = Text(action["function"]) ?? throw new DeveloperException($"{place}: action {fullName} has no 'function', the path of its code.");
        return new ManifestAction(
            name,
            function,
            Text(action["runtime"]) ?? Text(action["kind"]) ?? KindOf(function),
            Text(action["main"]),
            inputs.Read(action["inputs"]),
            Annotations(action, fullName, notBuilt),
            action["limits"] is JsonObject limits ? Limits(limits, fullName, places) : null,
            [.. (action["include"] as JsonArray ?? []).Select(item => Include(item, fullName, places.Of(action, "include")))]);
    }

    private static JsonObject Annotations(JsonObject entity, string fullName, List<string> notBuilt)
    {
        var annotations = (JsonObject?)(entity["annotations"] as JsonObject)?.DeepClone() ?? [];
        var web = entity["web"] ?? entity["web-export"] ?? annotations["web-export"];
        var word = web?.ToString().ToLowerInvariant() ?? "";
        annotations["web-export"] = word is "yes" or "true" or "raw";
        annotations["raw-http"] = word == "raw" || (word is "yes" or "true" && annotations["raw-http"]?.ToString() == "true");
        if (word is "yes" or "true" or "raw" && annotations["require-adobe-auth"]?.ToString() == "true")
        {
            notBuilt.Add($"require-adobe-auth is not checked by Signalbox: whoever knows its URL can call {fullName}");
        }

        return annotations;
    }

    private static JsonObject Limits(JsonObject limits, string fullName, YamlPlaces places)
    {
        var read = new JsonObject();
        foreach (var (name, value) in limits)
        {
            var api = name switch
            {
                "timeout" => "timeout",
                "memory" or "memorySize" => "memory",
                "logs" or "logSize" => "logs",
                "concurrency" or "concurrentActivations" => "concurrency",
                _ => throw new DeveloperException($"{places.Of(limits, name)}: action {fullName} has no limit '{name}'. There are: timeout (ms), memorySize (MB), logSize (MB), concurrency."),
            };
            read[api] = value is JsonValue number && number.TryGetValue<long>(out var whole)
                ? whole
                : throw new DeveloperException($"{places.Of(limits, name)}: limit {name} of action {fullName} must be a whole number, not {value?.ToJsonString() ?? "nothing"}.");
        }

        return read;
    }

    private static (string Pattern, string Target) Include(JsonNode? item, string fullName, string place) =>
        item is JsonArray { Count: 1 or 2 } pair && Text(pair[0]) is { } pattern
            ? (pattern, pair.Count == 2 ? Text(pair[1]) ?? "" : "")
            : throw new DeveloperException($"{place}: 'include' of action {fullName} must be a list of [pattern, folder] pairs.");

    private static string KindOf(string function) => Path.GetExtension(function) switch
    {
        ".py" => "python:3",
        ".cs" or ".dll" => "dotnet:10",
        _ => "nodejs:default",
    };

    /// <summary>As App Builder names the package of an app: its name and version.</summary>
    private static string AppPackage(string folder)
    {
        try
        {
            var package = JsonNode.Parse(File.ReadAllText(Path.Combine(folder, "package.json")));
            return $"{Text(package?["name"]) ?? "app"}-{Text(package?["version"]) ?? "0.1.0"}";
        }
        catch (Exception exception) when (exception is IOException or JsonException)
        {
            throw new DeveloperException($"The package __APP_PACKAGE__ takes its name from '{Path.Combine(folder, "package.json")}', which cannot be read: {exception.Message}", exception);
        }
    }

    private static string? Text(JsonNode? node) => node is JsonValue value && value.TryGetValue<string>(out var text) ? text : null;
}
