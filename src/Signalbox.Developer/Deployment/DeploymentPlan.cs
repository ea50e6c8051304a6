using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using Signalbox.Developer.Manifest;
using Signalbox.Developer.Packing;

namespace Signalbox.Developer.Deployment;

/// <summary>One thing to put on the server, or the reason why it cannot be made.</summary>
/// <param name="Name">Package and name, as people say it.</param>
/// <param name="Path">Below the namespace.</param>
/// <param name="Body">What is put; null when there is a <paramref name="Fault"/>.</param>
/// <param name="Detail">Kind and size, for people.</param>
internal sealed record PlannedEntity(string Sort, string Name, string Path, JsonObject? Body, string Detail, bool IsWeb, string? Fault)
{
    /// <summary>Of an action such as <c>nodejs:20</c>; null for what has no code.</summary>
    public string? Kind { get; init; }

    /// <inheritdoc cref="ActionCode.Sources"/>
    public IReadOnlyDictionary<string, string> Sources { get; init; } = new Dictionary<string, string>();

    /// <summary>Changes when, and only when, something has to be deployed again.</summary>
    public string Hash { get; } = Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(Body?.ToJsonString() ?? Fault ?? "")));
}

/// <summary>A manifest as the calls that deploy it, in their order: packages, actions, sequences.</summary>
internal static class DeploymentPlan
{
    public static IReadOnlyList<PlannedEntity> Make(ProjectManifest manifest) =>
    [
        .. manifest.Packages.Where(package => package.Name != "default").Select(Package),
        .. manifest.Packages.SelectMany(package => package.Actions.Select(action => Action(package, action))),
        .. manifest.Packages.SelectMany(package => package.Sequences.Select(sequence => Sequence(package, sequence))),
    ];

    private static PlannedEntity Package(ManifestPackage package) => new(
        "package",
        package.Name,
        $"packages/{Uri.EscapeDataString(package.Name)}",
        new JsonObject { ["parameters"] = Pairs(package.Inputs), ["annotations"] = Pairs(package.Annotations) },
        "",
        IsWeb: false,
        null);

    private static PlannedEntity Action(ManifestPackage package, ManifestAction action)
    {
        var name = NameOf(package, action.Name);
        try
        {
            var code = ActionPacker.Pack(action);
            var exec = new JsonObject { ["kind"] = action.Kind, ["code"] = code.Code, ["binary"] = code.IsBinary };
            if (action.Main is not null)
            {
                exec["main"] = action.Main;
            }

            var body = new JsonObject { ["exec"] = exec, ["parameters"] = Pairs(action.Inputs), ["annotations"] = Pairs(action.Annotations) };
            if (action.Limits is not null)
            {
                body["limits"] = action.Limits.DeepClone();
            }

            return new PlannedEntity("action", name, PathOf(name), body, Detail(action, code), IsWeb(action.Annotations), null) { Kind = action.Kind, Sources = code.Sources };
        }
        catch (Exception exception) when (exception is DeveloperException or IOException or UnauthorizedAccessException)
        {
            return new PlannedEntity("action", name, PathOf(name), null, "", IsWeb: false, exception.Message);
        }
    }

    private static PlannedEntity Sequence(ManifestPackage package, ManifestSequence sequence)
    {
        var name = NameOf(package, sequence.Name);
        var body = new JsonObject
        {
            ["exec"] = new JsonObject
            {
                ["kind"] = "sequence",
                ["components"] = new JsonArray([.. sequence.Components.Select(component => JsonValue.Create(component[0] == '/' ? component : "/_/" + component))]),
            },
            ["annotations"] = Pairs(sequence.Annotations),
        };
        return new PlannedEntity("sequence", name, PathOf(name), body, $"of {sequence.Components.Count}", IsWeb(sequence.Annotations), null);
    }

    private static string Detail(ManifestAction action, ActionCode code) =>
        code.IsBinary ? $"{action.Kind}, {code.Files} files, {Size(code.Code.Length / 4 * 3)}" : action.Kind;

    private static string Size(long bytes) => bytes < 1024 * 1024 ? $"{(bytes + 1023) / 1024} KB" : $"{bytes >> 20} MB";

    private static string NameOf(ManifestPackage package, string name) => package.Name == "default" ? name : $"{package.Name}/{name}";

    private static string PathOf(string name) => "actions/" + string.Join('/', name.Split('/').Select(Uri.EscapeDataString));

    private static bool IsWeb(JsonObject annotations) => (bool?)annotations["web-export"] == true;

    private static JsonArray Pairs(JsonObject values) =>
        new([.. values.Select(value => new JsonObject { ["key"] = value.Key, ["value"] = value.Value?.DeepClone() })]);
}
