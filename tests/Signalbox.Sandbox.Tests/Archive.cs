using System.IO.Compression;
using System.Text;

namespace Signalbox.Sandbox.Tests;

/// <summary>Zip archives as actions carry them.</summary>
internal static class Archive
{
    public static string Zip(params (string Name, string Text)[] files) =>
        ZipBytes([.. files.Select(file => (file.Name, Encoding.UTF8.GetBytes(file.Text)))]);

    public static string ZipBytes(params (string Name, byte[] Content)[] files)
    {
        using var stream = new MemoryStream();
        using (var zip = new ZipArchive(stream, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var entry = zip.CreateEntry(name).Open();
                entry.Write(content);
            }
        }

        return Convert.ToBase64String(stream.ToArray());
    }
}
