using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace Signalbox.Server;

/// <summary>How this server is reached: by its clients, and by itself.</summary>
internal sealed class ServerAddress(ServerSettings settings)
{
    private Uri? _self;
    private int _relayPort;
    private int[]? _ports;

    /// <summary>Set once by the composition root; its addresses are known when it listens.</summary>
    public IServer? Server { private get; set; }

    /// <summary>The ports that this server listens on; before it listens, the configured ones.</summary>
    public IReadOnlyCollection<int> Ports
    {
        get
        {
            if (_ports is { } known)
            {
                return known;
            }

            var listening = Server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? [];
            var isListening = listening.Count > 0 && !listening.Any(a => BindingAddress.Parse(a).Port == 0);
            int[] ports = [.. (isListening ? listening : settings.Urls.Split(';')).Select(a => BindingAddress.Parse(a).Port).Distinct()];
            return isListening ? _ports = ports : ports;
        }
    }

    /// <summary>What clients use: the configured public URL, else <see cref="Self"/>.</summary>
    public Uri Public => settings.PublicUrl ?? Self;

    /// <summary>A listening address that this server can call; before it listens, the configured one.</summary>
    public Uri Self
    {
        get
        {
            if (_self is { } known)
            {
                return known;
            }

            var listening = Listening.SkipLast(1).ToList();
            var text = listening.FirstOrDefault(a => a.StartsWith("http://", StringComparison.Ordinal)) ?? listening.FirstOrDefault();
            return text is null ? Reachable(settings.Urls.Split(';')[0]) : _self = Reachable(text);
        }
    }

    /// <summary>The port of the relay for actions (see <see cref="ApiRelay"/>), once the server listens.</summary>
    public int RelayPort => _relayPort is not 0 ? _relayPort : _relayPort = BindingAddress.Parse(Listening.Last()).Port;

    private IReadOnlyCollection<string> Listening => [.. Server?.Features.Get<IServerAddressesFeature>()?.Addresses ?? []];

    /// <summary>Turns "any address" into one that can be connected to.</summary>
    internal static Uri Reachable(string listening)
    {
        var address = BindingAddress.Parse(listening);
        var host = address.Host switch
        {
            "*" or "+" or "0.0.0.0" => "127.0.0.1",
            "[::]" => "[::1]",
            var other => other,
        };
        return new Uri($"{address.Scheme}://{host}:{address.Port}");
    }

    /// <summary>True when every listening URL is a loopback one.</summary>
    internal static bool IsLoopbackOnly(string urls) => urls.Split(';', StringSplitOptions.RemoveEmptyEntries).All(url =>
    {
        var host = BindingAddress.Parse(url).Host.Trim('[', ']');
        return host.Equals("localhost", StringComparison.OrdinalIgnoreCase)
            || (IPAddress.TryParse(host, out var ip) && IPAddress.IsLoopback(ip));
    });
}
