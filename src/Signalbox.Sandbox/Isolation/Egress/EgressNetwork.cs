using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.NetworkInformation;
using Microsoft.Extensions.Logging;

namespace Signalbox.Sandbox.Isolation.Egress;

/// <summary>
/// The way of all actions to the internet: each process has a network of its own, linked to the enclosure's; that one
/// filters, and is linked to the host by a program in user mode (pasta), so that nothing of the host's own network has
/// to be changed.
/// </summary>
/// <remarks>
/// <code>
/// process 17         enclosure                            host
/// eth0 ────────── sb17 ─► packet filter ─► link ─► pasta ─► ordinary sockets
/// 198.18.0.19        198.18.0.1          198.19.0.2
/// </code>
/// </remarks>
internal sealed partial class EgressNetwork : IDisposable
{
    private static readonly TimeSpan _startPatience = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan _startPause = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan _restartPause = TimeSpan.FromSeconds(1);

    private readonly Enclosure _enclosure;
    private readonly EgressTools _tools;
    private readonly string _outputPath;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private EgressRules _rules;
    private Process? _link;
    private bool _disposed;

    private EgressNetwork(Enclosure enclosure, EgressTools tools, EgressRules rules, string outputPath, ILogger logger)
    {
        _enclosure = enclosure;
        _tools = tools;
        _rules = rules;
        _outputPath = outputPath;
        _logger = logger;
    }

    /// <summary>True: there is a way out by IPv6 too.</summary>
    public bool HasV6 { get; private set; }

    /// <exception cref="IsolationException">A part is missing or does not work here; the message says which.</exception>
    public static EgressNetwork Open(Enclosure enclosure, EgressTools tools, SandboxOptions options, string outputPath, ILogger logger)
    {
        var rules = new EgressRules
        {
            ApiPort = null,
            Own = [],
            Allowed = EgressAddresses.Parse(options.AllowedNetworks, "Sandbox:AllowedNetworks"),
            Refused = EgressAddresses.Parse(options.RefusedNetworks, "Sandbox:RefusedNetworks"),
        };
        var network = new EgressNetwork(enclosure, tools, rules, outputPath, logger);
        try
        {
            // The filter first: there is no moment at which packets could pass without it.
            network.ApplyRules();
            Commands.Require(enclosure.Inside("/bin/sh", "-c",
                "echo 1 >/proc/sys/net/ipv4/ip_forward && { [ ! -e /proc/sys/net/ipv6 ] || echo 1 >/proc/sys/net/ipv6/conf/all/forwarding; }"));
            network.StartLink();
            NetworkChange.NetworkAddressChanged += network.HostAddressesChanged;
            return network;
        }
        catch
        {
            network.Dispose();
            throw;
        }
    }

    /// <summary>Lets actions reach this port of the host's loopback, by <see cref="EgressAddresses.Api"/>.</summary>
    public void AllowApi(int port)
    {
        lock (_gate)
        {
            _rules = _rules with { ApiPort = port };
        }

        ApplyRules();
    }

    /// <summary>What goes before a command so that its own, empty network is linked to the enclosure's.</summary>
    public IReadOnlyList<string> LinkFor(int number)
    {
        var near = EgressRules.ProcessLink + number.ToString(CultureInfo.InvariantCulture);
        var (address, address6) = (EgressAddresses.OfProcess(number), EgressAddresses.OfProcess6(number));
        List<string> inside =
        [
            string.Create(CultureInfo.InvariantCulture, $"link add eth0 type veth peer name {near} netns {_enclosure.Pid}"),
            "link set lo up", $"addr add {address}/32 dev eth0", "link set eth0 up",
            $"route add {EgressAddresses.Router} dev eth0", $"route add default via {EgressAddresses.Router} dev eth0",
        ];
        List<string> outside =
        [
            $"addr add {EgressAddresses.Router}/32 dev {near}", $"link set {near} up", $"route add {address} dev {near}",
        ];
        if (HasV6)
        {
            inside.AddRange([$"addr add {address6}/128 dev eth0 nodad", $"route add ::/0 via {EgressAddresses.Router6} dev eth0"]);
            outside.AddRange([$"addr add {EgressAddresses.Router6}/64 dev {near} nodad", $"route add {address6} dev {near}"]);
        }

        const string script = "printf %s \"$1\" | \"$3\" -batch - && printf %s \"$2\" | \"$4\" --target \"$5\" --net -- \"$3\" -batch - || exit 125; shift 5; exec \"$@\"";
        return
        [
            "/bin/sh", "-c", script, "link", string.Join('\n', inside), string.Join('\n', outside), _tools.Ip, _tools.Host.Nsenter,
            _enclosure.Pid.ToString(CultureInfo.InvariantCulture),
        ];
    }

    public void Dispose()
    {
        NetworkChange.NetworkAddressChanged -= HostAddressesChanged;
        lock (_gate)
        {
            _disposed = true;
            // It ends pasta when its input ends.
            _link?.StandardInput.Dispose();
            _link?.WaitForExit(_startPatience);
            _link?.Dispose();
        }
    }

    private void HostAddressesChanged(object? sender, EventArgs e)
    {
        try
        {
            ApplyRules();
        }
        catch (IsolationException exception)
        {
            Log.RulesNotApplied(_logger, exception.Message);
        }
    }

    private void ApplyRules()
    {
        lock (_gate)
        {
            var rules = _rules with { Own = RefusedNetworks.OwnAddresses() };
            Commands.Require(_enclosure.Inside(_tools.Nft, "-f", "-"), rules.ToScript());
        }
    }

    private void StartLink()
    {
        var command = _tools.LinkCommand(_enclosure, _outputPath);
        var link = Process.Start(new ProcessStartInfo(command[0], command.Skip(1)) { RedirectStandardInput = true })!;
        _link = link;
        var started = Stopwatch.GetTimestamp();
        for (var addresses = ""; !addresses.Contains(EgressAddresses.Link, StringComparison.Ordinal);)
        {
            if (link.HasExited || Stopwatch.GetElapsedTime(started) > _startPatience)
            {
                throw new IsolationException($"pasta cannot link the actions' network ({_tools.LastWords(_outputPath)})");
            }

            Thread.Sleep(_startPause);
            addresses = Commands.Output(_enclosure.Inside(_tools.Ip, "-oneline", "addr", "show"));
            HasV6 = addresses.Contains(EgressAddresses.Link6, StringComparison.Ordinal);
        }

        link.EnableRaisingEvents = true;
        link.Exited += (_, _) => _ = RestartLinkAsync();
    }

    private async Task RestartLinkAsync()
    {
        while (true)
        {
            await Task.Delay(_restartPause, TimeProvider.System);
            lock (_gate)
            {
                if (_disposed)
                {
                    return;
                }

                Log.LinkEnded(_logger, _tools.LastWords(_outputPath));
                try
                {
                    _link?.Dispose();
                    StartLink();
                    return;
                }
                catch (IsolationException exception)
                {
                    Log.LinkNotStarted(_logger, exception.Message);
                }
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(30, LogLevel.Error, "Sandbox: the packet filter of the actions' network could not be renewed, the earlier one stays: {Reason}")]
        public static partial void RulesNotApplied(ILogger logger, string reason);

        [LoggerMessage(31, LogLevel.Error, "Sandbox: the actions' link to the internet ended and is started again: {Reason}")]
        public static partial void LinkEnded(ILogger logger, string reason);

        [LoggerMessage(32, LogLevel.Error, "Sandbox: the actions' link to the internet could not be started again: {Reason}")]
        public static partial void LinkNotStarted(ILogger logger, string reason);
    }
}
