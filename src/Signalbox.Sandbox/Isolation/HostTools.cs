using System.Globalization;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>The host's programs that set sandboxes up, by absolute path.</summary>
internal sealed record HostTools(string Unshare, string Nsenter, string Setpriv)
{
    /// <summary>All of util-linux, which every distribution has.</summary>
    /// <exception cref="IsolationException">One is missing.</exception>
    public static HostTools Find() => new(Require("unshare"), Require("nsenter"), Require("setpriv"));

    /// <summary>The path of a program, also where only root's <c>PATH</c> looks; null when it is missing.</summary>
    public static string? Locate(string nameOrPath) =>
        Executable.Find(nameOrPath)
        ?? (nameOrPath.Contains('/') ? null : new[] { "/usr/sbin", "/sbin" }.Select(folder => Path.Combine(folder, nameOrPath)).FirstOrDefault(File.Exists));

    /// <summary>What goes before a command that has to run as this user, of no group but its own.</summary>
    public string[] AsUser(uint user)
    {
        var id = user.ToString(CultureInfo.InvariantCulture);
        return [Setpriv, "--reuid", id, "--regid", id, "--clear-groups", "--"];
    }

    private static string Require(string name) =>
        Locate(name) ?? throw new IsolationException($"no '{name}' on PATH; install it (Debian: apt install util-linux)");
}
