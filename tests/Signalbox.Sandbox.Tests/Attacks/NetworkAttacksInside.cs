using System.Net;
using System.Net.Sockets;
using System.Text.Json;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Run by <see cref="NetworkAttacks"/> on the host of its world.</summary>
public sealed class NetworkAttacksInside
{
    private const string Connect = """
        const net = require('net');
        const connect = (host, port) => new Promise((done) => {
          const socket = net.connect({ host, port, autoSelectFamily: false });
          socket.on('data', (data) => { done(String(data)); socket.destroy() });
          socket.on('error', (e) => done(e.code));
          socket.setTimeout(5000, () => { done('timeout'); socket.destroy() });
        });
        async function main({ targets }) {
          return Object.fromEntries(await Promise.all(targets.map(async ([host, port]) => [host + ' ' + port, await connect(host, port)])));
        }
        """;

    private static readonly string[] _refusals = ["EHOSTUNREACH", "EACCES", "ENETUNREACH", "ECONNREFUSED"];

    [Fact(Explicit = true)]
    public async Task Attacks()
    {
        await using var pool = new TestPool(options => options with
        {
            Network = SandboxNetwork.Internet,
            RefusedNetworks = ["2a00:5::/124"],
            AllowedNetworks = ["192.168.5.0/24", NetworkWorld.HostAddress],
        });
        var report = await pool.Pool.HostReport;
        Assert.True(report.Network == SandboxNetwork.Internet, string.Join("; ", report.Missing));
        using var database = Listen(IPAddress.IPv6Any, "database");
        using var api = Listen(IPAddress.Loopback, "api");
        var (databasePort, apiPort) = (PortOf(database), PortOf(api));
        pool.Pool.AllowApi(apiPort);
        var apiHost = pool.Pool.ApiUrl!.Host;

        await ReachesAsync(pool, "hello", (NetworkWorld.PublicAddress, NetworkWorld.Port), (NetworkWorld.PublicAddress6, NetworkWorld.Port), ("public", NetworkWorld.Port), ("192.168.5.5", NetworkWorld.Port));
        await ReachesAsync(pool, "api", (apiHost, apiPort));
        await IsRefusedAsync(
            pool,
            // the host: its loopback, its own addresses, the relay's other ports
            [.. new[] { "127.0.0.1", "::1", "localhost", NetworkWorld.HostAddress, NetworkWorld.HostAddress6, apiHost, "198.18.0.1", "198.19.0.2", "198.19.0.53" }.Select(host => (host, databasePort))],
            // private, shared, metadata, documentation
            [.. new[] { "10.9.8.7", "172.16.5.5", "100.64.1.1", "203.0.113.5", "169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192", "fd00:5::80", "fd00:ec2::254" }.Select(host => (host, NetworkWorld.Port))],
            // in other clothes: IPv4 in IPv6, by the numbers, by names that resolve to them
            [.. new[] { "::ffff:10.9.8.7", "64:ff9b::a09:807", "2002:a09:807::1", "0x0a090807", "private", "metadata" }.Select(host => (host, NetworkWorld.Port))],
            // what the operator refuses, the resolver's other ports, everybody at once
            [("2a00:5::2", NetworkWorld.Port), ("10.9.8.53", 53), ("198.19.0.53", 80), ("224.0.0.1", 80), ("255.255.255.255", 80), ("0.0.0.0", databasePort)]);
        await OtherSandboxesAreRefusedAsync(pool);
        await ReachesAsync(pool, "hello", (NetworkWorld.PublicAddress, NetworkWorld.Port));
    }

    private static async Task OtherSandboxesAreRefusedAsync(TestPool pool)
    {
        var victim = TestPool.Action("""
            function main() {
              return new Promise((done) => {
                const server = require('net').createServer((socket) => socket.end('victim')).listen(7777, '::', () => {
                  const own = Object.values(require('os').networkInterfaces()).flat().map((entry) => entry.address);
                  server.unref();
                  done({ own });
                });
              });
            }
            """);
        var outcome = await pool.RunAsync(victim);
        using var answer = JsonDocument.Parse(outcome.Answer());
        var addresses = answer.RootElement.GetProperty("own").EnumerateArray().Select(address => address.GetString()!).ToList();
        Assert.Contains(addresses, address => address.StartsWith("198.18.", StringComparison.Ordinal));
        // The victim's process lives on and listens; the pool keeps it for the next activation.
        await IsRefusedAsync(pool, [.. addresses.Where(address => !address.StartsWith("127.", StringComparison.Ordinal)).Select(address => (address, 7777))]);
    }

    private static async Task ReachesAsync(TestPool pool, string greeting, params (string, int)[] targets)
    {
        foreach (var (target, result) in await TryAsync(pool, targets))
        {
            Assert.Equal((target, greeting), (target, result));
        }
    }

    private static async Task IsRefusedAsync(TestPool pool, params (string, int)[][] targets)
    {
        foreach (var (target, result) in await TryAsync(pool, [.. targets.SelectMany(group => group)]))
        {
            Assert.True(_refusals.Contains(result) || result is "EINVAL" or "ENOTFOUND" or "EADDRNOTAVAIL", $"{target}: {result}");
        }
    }

    private static async Task<Dictionary<string, string>> TryAsync(TestPool pool, (string Host, int Port)[] targets)
    {
        var outcome = await pool.RunAsync(
            Connect, JsonSerializer.Serialize(new { targets = targets.Select(target => new object[] { target.Host, target.Port }) }));
        return JsonSerializer.Deserialize<Dictionary<string, string>>(outcome.Answer())!;
    }

    private static TcpListener Listen(IPAddress address, string greeting)
    {
        var listener = new TcpListener(address, 0);
        if (address.AddressFamily == AddressFamily.InterNetworkV6)
        {
            listener.Server.DualMode = true;
        }

        listener.Start();
        _ = GreetAsync(listener, System.Text.Encoding.UTF8.GetBytes(greeting));
        return listener;
    }

    private static async Task GreetAsync(TcpListener listener, byte[] greeting)
    {
        try
        {
            while (true)
            {
                using var client = await listener.AcceptTcpClientAsync();
                await client.GetStream().WriteAsync(greeting);
            }
        }
        catch (Exception exception) when (exception is SocketException or ObjectDisposedException or IOException)
        {
            // The test is over, or the client went.
        }
    }

    private static int PortOf(TcpListener listener) => ((IPEndPoint)listener.LocalEndpoint).Port;
}
