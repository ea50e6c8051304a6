using System.Text;
using System.Text.RegularExpressions;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Code;

/// <summary>Source text as a file, for the kinds whose launchers want one.</summary>
internal static class SourceText
{
    private static readonly TimeSpan _matchTimeout = TimeSpan.FromSeconds(1);

    /// <summary>
    /// Writes the text below the folder, by the name that the kind has for it, and what was compiled of it before;
    /// nothing when the kind has no such name.
    /// </summary>
    public static async Task PlaceAsync(KindManifest manifest, string code, ReadOnlyMemory<byte> compiled, string folder)
    {
        if (manifest.SourceFiles.FirstOrDefault(file => Fits(file, code)) is not { } source)
        {
            return;
        }

        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = CodeFileMode.Executable;
        }

        await using var file = new FileStream(Path.Combine(folder, source.Name), options);
        await file.WriteAsync(Encoding.UTF8.GetBytes(code));
        if (compiled.Length > 0)
        {
            await File.WriteAllBytesAsync(Path.Combine(folder, manifest.CompiledFile!), compiled);
        }
    }

    private static bool Fits(SourceFile file, string code)
    {
        try
        {
            return file.Pattern is null || Regex.IsMatch(code, file.Pattern, RegexOptions.CultureInvariant, _matchTimeout);
        }
        catch (RegexMatchTimeoutException)
        {
            return false;
        }
    }
}
