using System.Text.Json;

namespace Signalbox.Sandbox.Kinds;

/// <summary>A folder below <c>Launchers/</c>: manifest, <c>find.sh</c>, launcher. They travel inside this assembly.</summary>
internal sealed class KindFolder
{
    private const string ManifestFile = "kind.json";

    private KindFolder(string name)
    {
        Name = name;
        using var manifest = Open(ManifestFile)!;
        Manifest = JsonSerializer.Deserialize(manifest, KindManifestJson.Default.KindManifest)!;
    }

    public static IReadOnlyList<KindFolder> All { get; } =
    [
        .. Files().Where(file => file.EndsWith("/" + ManifestFile, StringComparison.Ordinal))
            .Select(file => new KindFolder(file.Split('/')[0]))
            .OrderBy(folder => folder.Manifest.Family == "nodejs" ? 0 : 1).ThenBy(folder => folder.Name, StringComparer.Ordinal),
    ];

    public string Name { get; }

    public KindManifest Manifest { get; }

    /// <summary>The script that says where the machine's interpreter is; null: none is looked for.</summary>
    public string? FindScript
    {
        get
        {
            using var script = Open("find.sh");
            return script is null ? null : new StreamReader(script).ReadToEnd();
        }
    }

    /// <summary>Writes the folder's files, or those of one folder in it, below the target.</summary>
    public void WriteTo(string target, string subfolder = "")
    {
        var prefix = subfolder.Length == 0 ? Name + "/" : $"{Name}/{subfolder}/";
        foreach (var file in Files().Where(file => file.StartsWith(prefix, StringComparison.Ordinal)))
        {
            var path = Path.Combine(target, file[prefix.Length..]);
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var source = Open(file[(Name.Length + 1)..])!;
            using var written = File.Create(path);
            source.CopyTo(written);
        }
    }

    public byte[] Read(string file)
    {
        using var source = Open(file)!;
        using var content = new MemoryStream();
        source.CopyTo(content);
        return content.ToArray();
    }

    private static IEnumerable<string> Files() =>
        typeof(KindFolder).Assembly.GetManifestResourceNames().Select(name => name.Replace('\\', '/')).Where(name => name.Contains('/', StringComparison.Ordinal));

    private Stream? Open(string file) => typeof(KindFolder).Assembly.GetManifestResourceStream($"{Name}/{file}");
}
