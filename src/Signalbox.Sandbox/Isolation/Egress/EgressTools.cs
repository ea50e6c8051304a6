using System.Globalization;

namespace Signalbox.Sandbox.Isolation.Egress;

/// <summary>The programs that make the actions' network: their paths on this host.</summary>
internal sealed record EgressTools(HostTools Host, string Ip, string Nft, string Pasta, uint? User)
{
    private const string TunDevice = "/dev/net/tun";

    /// <summary>Starts pasta, and ends it when the input ends: with this server, however that ends.</summary>
    private const string Guard =
        "exec 3<&0; out=$1; shift; \"$@\" </dev/null >\"$out\" 2>&1 3<&- & link=$!; (read line <&3; kill $link) & wait $link; kill $! 2>/dev/null";

    /// <summary>A device that every user may open, in a view of the files that only pasta has.</summary>
    private const string OwnDevice =
        "mount -t tmpfs -o mode=755,size=64k tmpfs /dev/net && mknod -m 666 " + TunDevice + " c 10 200 && exec \"$@\"";

    /// <exception cref="IsolationException">One is missing.</exception>
    public static EgressTools Find(HostTools host, SandboxOptions options, uint? user)
    {
        if (!File.Exists(TunDevice))
        {
            throw new IsolationException($"no {TunDevice}; load the kernel's module 'tun'");
        }

        return new EgressTools(host, Require("ip", "iproute2"), Require("nft", "nftables"), Require(options.Pasta, "passt"), user);
    }

    public IReadOnlyList<string> LinkCommand(Enclosure enclosure, string outputPath)
    {
        string[] asUser = User is { } user
            ? [Host.Unshare, "--mount", "--propagation", "private", "--", "/bin/sh", "-c", OwnDevice, "device", .. Host.AsUser(user)]
            : [];
        var namespaces = string.Create(CultureInfo.InvariantCulture, $"/proc/{enclosure.Pid}/ns");
        return
        [
            // Older versions of pasta refuse to start where this signal is ignored, as .NET does.
            "/bin/sh", "-c", Guard, "guard", outputPath, .. asUser, "/usr/bin/env", "--default-signal=PIPE", Pasta, "--foreground", "--config-net", "--ns-ifname", EgressRules.OutwardLink,
            "--address", EgressAddresses.Link, "--netmask", "24", "--gateway", EgressAddresses.Api,
            "--address", EgressAddresses.Link6, "--gateway", EgressAddresses.LinkGateway6,
            "--dns-forward", EgressAddresses.Resolver,
            "--tcp-ports", "none", "--udp-ports", "none", "--tcp-ns", "none", "--udp-ns", "none",
            "--userns", namespaces + "/user", "--netns", namespaces + "/net",
        ];
    }

    /// <summary>The end of what pasta printed, without its complaints about a missing system log.</summary>
    public string LastWords(string outputPath)
    {
        try
        {
            return File.ReadLines(outputPath).LastOrDefault(line => line.Length > 0 && !line.Contains("syslog", StringComparison.Ordinal)) ?? "it said nothing";
        }
        catch (IOException)
        {
            return "it said nothing";
        }
    }

    private static string Require(string program, string package) =>
        HostTools.Locate(program) ?? throw new IsolationException($"no '{program}' on PATH; install it (Debian: apt install {package})");
}
