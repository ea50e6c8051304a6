using System.IO.Compression;

namespace Signalbox.Developer.Packing;

/// <summary>Zip archives whose bytes depend on nothing but names and contents, so that their hash tells a change.</summary>
internal sealed class ArchiveWriter
{
    private static readonly DateTimeOffset _oneTime = new(1980, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly SortedDictionary<string, Func<byte[]>> _entries = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _sources = new(StringComparer.Ordinal);

    public int Count => _entries.Count;

    /// <summary>The files that entries come from, by the entries' names.</summary>
    public IReadOnlyDictionary<string, string> Sources => _sources;

    public bool Contains(string name) => _entries.ContainsKey(name);

    public void Add(string name, string file)
    {
        name = name.Replace('\\', '/');
        _entries[name] = () => File.ReadAllBytes(file);
        _sources[name] = file;
    }

    public void Add(string name, byte[] content) => _entries[name] = () => content;

    public byte[] ToArray()
    {
        using var bytes = new MemoryStream();
        using (var archive = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, read) in _entries)
            {
                var entry = archive.CreateEntry(name, CompressionLevel.Fastest);
                entry.LastWriteTime = _oneTime;
                using var content = entry.Open();
                content.Write(read());
            }
        }

        return bytes.ToArray();
    }
}
