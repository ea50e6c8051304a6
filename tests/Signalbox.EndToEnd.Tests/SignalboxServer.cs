using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>The real executable, on a port and with a data folder of its own.</summary>
public sealed class SignalboxServer : IAsyncDisposable
{
    private static readonly TimeSpan _readyWithin = TimeSpan.FromSeconds(60);

    private ServerLaunch _launch;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromSeconds(10) };
    private LeashedProcess? _process;

    private SignalboxServer(ServerLaunch launch, string dataDirectory, int port)
    {
        _launch = launch;
        DataDirectory = dataDirectory;
        Address = new Uri($"http://localhost:{port}");
    }

    /// <summary>The base URL, without a slash at the end.</summary>
    public string Url => Address.GetLeftPart(UriPartial.Authority);

    public Uri Address { get; }

    public string DataDirectory { get; }

    /// <summary>What the server wrote into <c>console.json</c> when it first started.</summary>
    public ConsoleDocument Console => field ??= ConsoleDocument.Read(_launch.SeenDataDirectory ?? DataDirectory);

    /// <summary>What the process that runs now, or ran last, has printed.</summary>
    public string Output => _process?.Output.ToString() ?? string.Empty;

    /// <summary>The process id of the process that runs now, or ran last.</summary>
    public int ProcessId => _process!.Id;

    /// <summary>Nothing runs now.</summary>
    public bool HasEnded => _process!.HasExited;

    /// <summary>Added to the environment of the next start.</summary>
    public Dictionary<string, string?> Environment { get; } = [];

    /// <summary>From the start of the process to the first "ready", of the last start.</summary>
    public TimeSpan ReadyAfter { get; private set; }

    public static async Task<SignalboxServer> StartAsync(ServerLaunch? launch = null)
    {
        var server = new SignalboxServer(
            launch ?? new ServerLaunch(), launch?.DataDirectory ?? Directory.CreateTempSubdirectory("signalbox-e2e-").FullName, FreePort());
        try
        {
            await server.RestartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>As <see cref="RestartAsync()"/>, no longer run by the wrapper: what that broke is mended.</summary>
    public Task RestartUnwrappedAsync()
    {
        _launch = _launch with { Wrapper = [] };
        return RestartAsync();
    }

    /// <summary>A new process on the same data folder and port. The old one must have ended.</summary>
    public async Task RestartAsync()
    {
        Debug.Assert(_process is null || _process.HasExited, "two servers would share one data folder");
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        var clock = Stopwatch.StartNew();
        string[] command = [.. _launch.Wrapper, "dotnet", Repository.ServerAssembly, "serve", .. Arguments()];
        _process = LeashedProcess.Start(command[0], command[1..], new Dictionary<string, string?>(Environment)
        {
            ["DOTNET_ENVIRONMENT"] = null,
            ["SIGNALBOX_DATA"] = null,
        });
        await Eventually.HoldsAsync("a ready server", IsReadyAsync, _readyWithin, () => $"It printed:\n{Output}");
        ReadyAfter = clock.Elapsed;
    }

    /// <summary>A new process; false when it ended before it was ready, as one that is armed to end may.</summary>
    public async Task<bool> TryRestartAsync()
    {
        try
        {
            await RestartAsync();
            return true;
        }
        catch (Exception) when (HasEnded)
        {
            return false;
        }
    }

    /// <summary>SIGKILL: the process ends between any two instructions.</summary>
    public Task KillAsync() => _process!.KillAsync();

    /// <summary>SIGCONT: a process that was stopped goes on.</summary>
    public Task ContinueAsync() => _process!.SignalAsync("CONT");

    /// <summary>SIGTERM: the server drains and ends; its exit code.</summary>
    public Task<int> StopAsync(TimeSpan within) => _process!.TerminateAsync(within);

    /// <summary>The exit code of a server that ends by itself.</summary>
    public Task<int> WaitForExitAsync(TimeSpan within) => _process!.WaitForExitAsync(within);

    /// <summary>Moves the clock of a server that was launched with one.</summary>
    public async Task AdvanceClockAsync(TimeSpan by)
    {
        using var response = await _http.PostAsJsonAsync(new Uri(Address, "/test/clock/advance"), new { seconds = by.TotalSeconds });
        response.EnsureSuccessStatusCode();
    }

    /// <summary>The server's own time.</summary>
    public async Task<DateTimeOffset> GetClockAsync()
    {
        var clock = await _http.GetFromJsonAsync<JsonObject>(new Uri(Address, "/test/clock"));
        return DateTimeOffset.FromUnixTimeMilliseconds(clock!["epochMs"]!.GetValue<long>());
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null)
        {
            await _process.DisposeAsync();
        }

        _http.Dispose();
        if (_launch.DataDirectory is null)
        {
            Directory.Delete(DataDirectory, recursive: true);
        }
    }

    /// <summary>
    /// A free port outside the range that the kernel gives to outgoing connections: while the server is down, no
    /// client's socket can take it.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 30_000);
            try
            {
                using var v4 = new TcpListener(IPAddress.Loopback, port);
                using var v6 = new TcpListener(IPAddress.IPv6Loopback, port);
                v4.Start();
                v6.Start();
                return port;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                continue;
            }
            catch (SocketException exception) when (exception.SocketErrorCode == SocketError.AddressNotAvailable)
            {
                // A machine without IPv6; the first listener got its port.
                return port;
            }
        }
    }

    private IEnumerable<string> Arguments()
    {
        List<string> arguments = ["--data", DataDirectory, "--urls", Url];
        if (_launch.TestClock)
        {
            arguments.Add("--test-clock");
        }

        if (_launch.PostgresConnectionString is { } connectionString)
        {
            arguments.AddRange(["--Storage:PostgresConnectionString", connectionString]);
        }

        // The webhooks of the tests listen on loopback.
        arguments.AddRange(["--Events:AllowPrivateTargets", "true", .. _launch.Settings]);
        return arguments;
    }

    private async Task<bool> IsReadyAsync()
    {
        if (_process!.HasExited)
        {
            var code = await _process.WaitForExitAsync(TimeSpan.FromSeconds(1));
            throw new InvalidOperationException(
                $"The server ended with {code.ToString(CultureInfo.InvariantCulture)} before it was ready. It printed:\n{Output}");
        }

        try
        {
            // One question that is not answered must not stand for all.
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
            using var response = await _http.GetAsync(new Uri(Address, "/health/ready"), patience.Token);
            return response.StatusCode == HttpStatusCode.OK;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException)
        {
            return false;
        }
    }
}
