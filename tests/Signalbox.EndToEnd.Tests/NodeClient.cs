using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Runs the Node.js clients of the folder <c>clients/</c>, each in a home folder of its own.</summary>
internal sealed class NodeClient : IDisposable
{
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(120);

    private readonly SignalboxServer _server;
    private readonly DirectoryInfo _home = Directory.CreateTempSubdirectory("signalbox-client-");

    public NodeClient(SignalboxServer server)
    {
        _server = server;
        if (!Directory.Exists(Path.Combine(Repository.Clients, "node_modules")))
        {
            throw new InvalidOperationException($"The clients are not installed. Run './test' in {Repository.Root}, or 'npm ci --ignore-scripts' in {Repository.Clients}");
        }
    }

    /// <summary>A folder for files that the client reads; also its current folder and its home.</summary>
    public string Home => _home.FullName;

    /// <summary>Runs a scenario of a script; what it reported.</summary>
    public Task<JsonNode> ReportAsync(string script, string scenario, params (string Name, string Value)[] environment) =>
        ReportAsync(_within, CancellationToken.None, script, scenario, environment);

    /// <summary>Runs a scenario that takes its time; cancelling ends it.</summary>
    public async Task<JsonNode> ReportAsync(
        TimeSpan within, CancellationToken cancellationToken, string script, string scenario, params (string Name, string Value)[] environment)
    {
        var output = await RunAsync("node", [Path.Combine(Repository.Clients, script), scenario], environment, within, cancellationToken);
        var line = output.Split('\n').LastOrDefault(l => l.StartsWith('{'));
        return line is null
            ? throw new Xunit.Sdk.XunitException($"{script} {scenario} reported nothing:\n{output}")
            : JsonNode.Parse(line)!;
    }

    /// <summary>Runs <c>aio</c> with arguments; what it printed.</summary>
    public Task<string> AioAsync(params string[] arguments) =>
        RunAsync("node", [Path.Combine(Repository.Clients, "node_modules", "@adobe", "aio-cli", "bin", "run"), .. arguments], []);

    /// <summary>Runs a program with the environment of the clients; what it printed.</summary>
    /// <param name="within">How long it may take; null: two minutes.</param>
    public async Task<string> RunAsync(
        string program, IReadOnlyList<string> arguments, IReadOnlyList<(string Name, string Value)> environment,
        TimeSpan? within = null, CancellationToken cancellationToken = default)
    {
        var variables = Environment();
        foreach (var (name, value) in environment)
        {
            variables[name] = value;
        }

        await using var process = LeashedProcess.Start(program, arguments, variables, Home);
        var exitCode = await process.WaitForExitAsync(within ?? _within).WaitAsync(cancellationToken);
        return exitCode == 0
            ? process.Output.ToString()
            : throw new Xunit.Sdk.XunitException($"'{program} {string.Join(' ', arguments)}' ended with {exitCode}:\n{process.Output}");
    }

    public void Dispose() => _home.Delete(recursive: true);

    private Dictionary<string, string?> Environment() => new(StringComparer.Ordinal)
    {
        ["HOME"] = Home,
        ["XDG_CONFIG_HOME"] = Path.Combine(Home, "config"),
        ["XDG_DATA_HOME"] = Path.Combine(Home, "data"),
        ["XDG_CACHE_HOME"] = Path.Combine(Home, "cache"),
        ["CI"] = "1",
        ["NO_COLOR"] = "1",
        ["NODE_OPTIONS"] = null,
        ["HTTP_PROXY"] = null,
        ["HTTPS_PROXY"] = null,
        ["http_proxy"] = null,
        ["https_proxy"] = null,
        ["PROXY"] = null,
        ["SIGNALBOX_URL"] = _server.Url,
        ["CONSOLE_JSON"] = Path.Combine(_server.DataDirectory, "console.json"),
        ["__OW_API_HOST"] = _server.Url,
        ["__OW_API_KEY"] = _server.Console.RuntimeAuth,
        ["__OW_NAMESPACE"] = _server.Console.Namespace,
        ["AIO_RUNTIME_APIHOST"] = _server.Url,
        ["AIO_RUNTIME_NAMESPACE"] = _server.Console.Namespace,
        ["AIO_RUNTIME_AUTH"] = _server.Console.RuntimeAuth,
        ["USE_RUNTIME_AUTH"] = "1",
        ["AIO_TELEMETRY_DISABLED"] = "1",
    };
}
