using System.Diagnostics;
using System.Globalization;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>A user without any right, for whom tests run once more: the server need not be root.</summary>
internal sealed class OrdinaryUser : IAsyncDisposable
{
    private const uint Id = 64_321;

    private readonly string _home;

    private OrdinaryUser(string home) => _home = home;

    public static async Task<OrdinaryUser> CreateAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "Only root can become another user; this run is an ordinary user's already.");
        var home = Directory.CreateTempSubdirectory("sbxu").FullName;
        var user = new OrdinaryUser(home);
        var (passed, output) = await RunAsync(["chown", Id.ToString(CultureInfo.InvariantCulture), home]);
        Assert.True(passed, output);
        var assembly = typeof(OrdinaryUser).Assembly.Location;
        var (canRead, _) = await RunAsync(user.Command("test", "-r", assembly));
        Assert.SkipUnless(canRead, $"Other users cannot read '{assembly}'.");
        return user;
    }

    /// <summary>The command as this user, with nothing of the caller's environment.</summary>
    public IReadOnlyList<string> Command(params IReadOnlyList<string> command)
    {
        var id = Id.ToString(CultureInfo.InvariantCulture);
        return
        [
            "env", "-i", "PATH=/usr/local/bin:/usr/bin:/bin", $"HOME={_home}", $"TMPDIR={_home}", $"DOTNET_ROOT={Path.GetDirectoryName(Environment.ProcessPath)}",
            "setpriv", "--reuid", id, "--regid", id, "--clear-groups", "--", .. command,
        ];
    }

    /// <summary>Runs tests of this assembly as this user; what they printed, and whether all passed.</summary>
    public Task<(bool Passed, string Output)> RunTestsAsync(params IEnumerable<Type> classes) => RunAsync(Command(
        [Environment.ProcessPath!, typeof(OrdinaryUser).Assembly.Location, "-noLogo", "-noColor", .. classes.SelectMany(type => new[] { "-class", type.FullName! })]));

    public ValueTask DisposeAsync()
    {
        Directory.Delete(_home, recursive: true);
        return ValueTask.CompletedTask;
    }

    private static async Task<(bool Passed, string Output)> RunAsync(IReadOnlyList<string> command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardOutput = true })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode == 0, output);
    }
}
