using System.Globalization;

namespace Signalbox.EndToEnd.Tests.Crashes;

/// <summary>
/// A file system of a few megabytes that can be filled to its last byte. It is mounted in a mount namespace of its own,
/// which a sleeping process holds, and reached through that process's root: nothing is left when the process ends.
/// </summary>
internal sealed class SmallDisk : IAsyncDisposable
{
    private readonly LeashedProcess _holder;
    private readonly string _mountPoint;

    private SmallDisk(LeashedProcess holder, string mountPoint) => (_holder, _mountPoint) = (holder, mountPoint);

    /// <summary>The root of the file system as processes see it that run with <see cref="Wrapper"/>.</summary>
    public string InnerFolder => _mountPoint;

    /// <summary>Runs a command where the file system is mounted.</summary>
    public IReadOnlyList<string> Wrapper =>
    [
        "nsenter", string.Create(CultureInfo.InvariantCulture, $"--target={_holder.Id}"), "--mount", .. Environment.UserName == "root" ? [] : (string[])["--user"], "--",
    ];

    /// <summary>The same root as everybody else sees it.</summary>
    public string Folder => string.Create(CultureInfo.InvariantCulture, $"/proc/{_holder.Id}/root{_mountPoint}");

    private string Ballast => Path.Combine(Folder, "ballast");

    public static async Task<SmallDisk> MountAsync(int megabytes)
    {
        var mountPoint = Directory.CreateTempSubdirectory("signalbox-disk-").FullName;
        string[] user = Environment.UserName == "root" ? [] : ["--user", "--map-root-user"];
        var holder = LeashedProcess.Start("unshare", [
            "--mount", .. user, "sh", "-c", $"mount -t tmpfs -o size={megabytes}m tmpfs \"$0\" && echo mounted && exec sleep infinity", mountPoint,
        ]);
        await Eventually.HoldsAsync("a small disk", () => holder.Output.ToString().Contains("mounted", StringComparison.Ordinal) || holder.HasExited);
        if (holder.HasExited)
        {
            Assert.Skip($"This machine lets nobody mount a small disk: {holder.Output}");
        }

        return new SmallDisk(holder, mountPoint);
    }

    /// <summary>Takes every byte that is left.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Append);
        var block = new byte[4096];
        try
        {
            while (true)
            {
                ballast.Write(block);
                ballast.Flush();
            }
        }
        catch (IOException)
        {
            return;
        }
    }

    /// <summary>Gives the bytes back.</summary>
    public void Free() => File.Delete(Ballast);

    public async ValueTask DisposeAsync()
    {
        await _holder.DisposeAsync();
        Directory.Delete(_mountPoint);
    }
}
