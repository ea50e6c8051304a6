using System.Diagnostics;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>
/// A small internet of two network namespaces: one is a host with public and private addresses, in which a test
/// process runs; the other is everything around it, and answers on every address that an attacker could want.
/// </summary>
internal sealed class NetworkWorld : IAsyncDisposable
{
    public const string PublicAddress = "5.5.5.80";
    public const string PublicAddress6 = "2a00:5::80";
    public const string HostAddress = "5.5.5.1";
    public const string HostAddress6 = "2a00:5::1";
    public const int Port = 8080;

    private const string Around = """
        const net = require('net'), dgram = require('dgram');
        net.createServer((s) => s.end('hello')).listen(8080, '::', () => console.log('ready'));
        const names = { public: [5, 5, 5, 80], private: [10, 9, 8, 7], metadata: [169, 254, 169, 254] };
        const dns = dgram.createSocket('udp4');
        dns.on('message', (q, from) => {
          const name = q.subarray(13, 13 + q[12]).toString(), end = q.indexOf(0, 12) + 5, known = names[name] && q.readUInt16BE(end - 4) === 1;
          const head = Buffer.concat([q.subarray(0, 2), Buffer.from([0x81, 0x80, 0, 1, 0, known ? 1 : 0, 0, 0, 0, 0]), q.subarray(12, end)]);
          const answer = known ? Buffer.from([0xc0, 12, 0, 1, 0, 1, 0, 0, 0, 9, 0, 4, ...names[name]]) : Buffer.alloc(0);
          dns.send(Buffer.concat([head, answer]), from.port, from.address);
        });
        dns.bind(53, '10.9.8.53');
        """;

    private static readonly string[] _addressesAround =
    [
        "5.5.5.80/24", "10.9.8.7/24", "10.9.8.53/24", "172.16.5.5/24", "192.168.5.5/24", "100.64.1.1/24", "100.100.100.200/24", "169.254.169.254/16",
        "168.63.129.16/32", "192.0.0.192/32", "203.0.113.5/24", "2a00:5::80/64", "fd00:5::80/64", "fd00:ec2::254/64",
    ];

    private readonly string _host;
    private readonly string _around;
    private Process? _server;

    private NetworkWorld()
    {
        var id = Guid.NewGuid().ToString("N")[..6];
        _host = "sbxh" + id;
        _around = "sbxa" + id;
    }

    public static async Task<NetworkWorld> CreateAsync()
    {
        var world = new NetworkWorld();
        Directory.CreateDirectory($"/etc/netns/{world._host}");
        await File.WriteAllTextAsync($"/etc/netns/{world._host}/resolv.conf", "nameserver 10.9.8.53\n");
        List<string> commands =
        [
            $"netns add {world._host}", $"netns add {world._around}",
            $"-n {world._host} link add out type veth peer name in netns {world._around}",
            $"-n {world._host} link set lo up", $"-n {world._around} link set lo up",
            $"-n {world._host} addr add {HostAddress}/24 dev out", $"-n {world._host} addr add {HostAddress6}/64 dev out nodad",
            $"-n {world._host} link set out up", $"-n {world._around} link set in up",
            .. _addressesAround.Select(address => $"-n {world._around} addr add {address} dev in" + (address.Contains(':') ? " nodad" : "")),
            $"-n {world._host} route add default via {PublicAddress}", $"-n {world._host} route add ::/0 via {PublicAddress6} dev out",
            $"-n {world._around} route add default via {HostAddress}",
        ];
        foreach (var command in commands)
        {
            await Ip(command);
        }

        world._server = Process.Start(new ProcessStartInfo("ip", ["netns", "exec", world._around, "node", "-e", Around]) { RedirectStandardOutput = true })!;
        Assert.Equal("ready", await world._server.StandardOutput.ReadLineAsync());
        return world;
    }

    /// <summary>Runs the explicit tests of a class on the host of this world; what they printed, and whether all passed.</summary>
    public async Task<(bool Passed, string Output)> RunTestsAsync(Type tests, OrdinaryUser? user = null)
    {
        string[] command = [Environment.ProcessPath!, tests.Assembly.Location, "-noLogo", "-noColor", "-explicit", "only", "-class", tests.FullName!];
        using var process = Process.Start(new ProcessStartInfo(
            "ip", ["netns", "exec", _host, .. user?.Command(command) ?? command])
        {
            RedirectStandardOutput = true,
        })!;
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode == 0 && output.Contains("Failed: 0", StringComparison.Ordinal), output);
    }

    public async ValueTask DisposeAsync()
    {
        _server?.Kill();
        _server?.Dispose();
        await Ip($"netns delete {_host}");
        await Ip($"netns delete {_around}");
        Directory.Delete($"/etc/netns/{_host}", recursive: true);
    }

    private static async Task Ip(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", arguments.Split(' ')) { RedirectStandardError = true })!;
        var error = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"ip {arguments}: {error}");
    }
}
