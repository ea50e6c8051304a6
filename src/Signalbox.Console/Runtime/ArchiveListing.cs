using System.IO.Compression;

namespace Signalbox.WebConsole.Runtime;

/// <summary>What is in an action's archive.</summary>
internal static class ArchiveListing
{
    /// <summary>Names and sizes of a zip's files, as its directory has them; empty for anything else.</summary>
    public static IReadOnlyList<(string Name, long Length)> Read(byte[] archive)
    {
        try
        {
            using var zip = new ZipArchive(new MemoryStream(archive, writable: false), ZipArchiveMode.Read);
            return [.. zip.Entries.Where(entry => !entry.FullName.EndsWith('/')).Select(entry => (entry.FullName, entry.Length))];
        }
        catch (InvalidDataException)
        {
            return [];
        }
    }
}
