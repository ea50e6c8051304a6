using Signalbox.Sandbox.Isolation.Egress;

namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// The files by which a process with internet access finds addresses for names: written by Signalbox, so that nothing
/// of the host's own names is told.
/// </summary>
internal sealed class NameFiles
{
    /// <summary>The host's own, for processes that share its network.</summary>
    public static readonly IReadOnlyList<string> OfHost = ["/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf"];

    private static readonly IReadOnlyList<(string Name, string Text)> _files =
    [
        ("resolv.conf", $"nameserver {EgressAddresses.Resolver}\n"),
        ("hosts", "127.0.0.1 localhost sandbox\n::1 localhost\n"),
        ("nsswitch.conf", "hosts: files dns\n"),
    ];

    private readonly string _folder;

    public NameFiles(string folder)
    {
        _folder = folder;
    }

    /// <summary>bubblewrap's words that show them.</summary>
    public IEnumerable<string> Mounts =>
        _files.SelectMany(file => new[] { "--ro-bind", Path.Combine(_folder, file.Name), "/etc/" + file.Name });

    public void Write()
    {
        foreach (var (name, text) in _files)
        {
            var path = Path.Combine(_folder, name);
            File.WriteAllText(path, text);
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead);
            }
        }
    }
}
