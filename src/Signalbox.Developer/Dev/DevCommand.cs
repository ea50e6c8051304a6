using System.CommandLine;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Deployment;
using Signalbox.Developer.Inspect;
using Signalbox.Developer.Logs;
using Signalbox.Developer.Manifest;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Dev;

/// <summary><c>signalbox dev</c>: deploys a folder, redeploys what changes in it, and shows what its actions print.</summary>
internal static class DevCommand
{
    public static Command Create(string defaultDataDirectory)
    {
        var command = new Command("dev", "Deploy a folder with an app.config.yaml or manifest.yml, redeploy what changes, and show the logs");
        var folder = new Argument<string>("FOLDER") { Description = "The folder of the app. Default: the current one", DefaultValueFactory = _ => "." };
        var once = new Option<bool>("--once") { Description = "Deploy and end; exit code 0 only if all could be deployed, and loads" };
        var prune = new Option<bool>("--prune") { Description = "Remove from the server what is taken out of the manifest while this runs" };
        var noLogs = new Option<bool>("--no-logs") { Description = "Do not show what the actions print" };
        var inspect = NumberOption.Create(
            "--inspect",
            $"Let VS Code or Chrome attach a debugger to the Node.js actions, at this port of loopback (default {InspectorPort.DefaultPort}; 0: any that is free); the server needs --allow-inspect",
            0,
            65_535);
        inspect.HelpName = "PORT";
        inspect.Arity = ArgumentArity.ZeroOrOne;
        var connection = new ConnectionOptions(defaultDataDirectory);
        command.Add(folder);
        foreach (var option in new Option[] { once, prune, noLogs, inspect })
        {
            command.Add(option);
        }

        connection.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var path = Path.GetFullPath(parsed.GetRequiredValue(folder));
            if (!Directory.Exists(path))
            {
                throw new DeveloperException($"There is no folder '{path}'.");
            }

            var server = connection.Resolve(parsed, path);
            using var client = new RuntimeClient(server);
            var @namespace = await client.GetNamespaceAsync(cancellationToken);
            // A debugger attaches before the first line runs.
            var loads = parsed.GetResult(inspect) is null;
            var session = new Session(path, client, new Deployer(client, @namespace, parsed.GetValue(prune), loads, Screen.Standard), Screen.Standard);
            Screen.Standard.Line($"{Screen.Standard.Bold(path)} to {client.Url}, namespace {@namespace}");
            try
            {
                return parsed.GetValue(once)
                    ? await session.DeployAsync(cancellationToken) ? 0 : 1
                    : await session.WatchAsync(!parsed.GetValue(noLogs), PortOf(parsed, inspect), cancellationToken);
            }
            catch (OperationCanceledException)
            {
                return 0;
            }
        });
        return command;
    }

    /// <summary>Null: no debugger is wanted.</summary>
    private static int? PortOf(ParseResult parsed, Option<int?> inspect) =>
        parsed.GetResult(inspect) is null ? null : parsed.GetValue(inspect) ?? InspectorPort.DefaultPort;

    private sealed class Session(string folder, RuntimeClient client, Deployer deployer, Screen screen)
    {
        private IReadOnlyList<string> _notBuilt = [];
        private volatile IReadOnlyList<PlannedEntity> _plan = [];

        public async Task<bool> DeployAsync(CancellationToken cancellationToken)
        {
            var manifest = ManifestReader.Read(folder);
            if (!manifest.NotBuilt.SequenceEqual(_notBuilt))
            {
                _notBuilt = manifest.NotBuilt;
                foreach (var note in _notBuilt)
                {
                    screen.Line("  " + screen.Yellow(note));
                }
            }

            var plan = DeploymentPlan.Make(manifest);
            var isComplete = await deployer.DeployAsync(plan, cancellationToken);
            _plan = plan;
            return isComplete;
        }

        public async Task<int> WatchAsync(bool withLogs, int? inspectorPort, CancellationToken cancellationToken)
        {
            // Before the first deployment, so that no change is missed between the two.
            using var watcher = new FolderWatcher(folder);
            using var end = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            await TryDeployAsync(cancellationToken);
            await using var inspector = inspectorPort is { } port ? await OpenInspectorAsync(port, cancellationToken) : null;
            screen.Line(screen.Dim("Watching for changes; Ctrl+C ends. What is deployed stays on the server."));
            var logs = withLogs ? FollowAsync(end.Token) : Task.Delay(Timeout.Infinite, end.Token);
            var changes = RedeployAsync(watcher, end.Token);
            var first = await Task.WhenAny(logs, changes);
            await end.CancelAsync();
            await first;
            return 0;
        }

        /// <exception cref="DeveloperException">The server lets no debugger in, or the port is taken.</exception>
        private async Task<InspectorPort> OpenInspectorAsync(int port, CancellationToken cancellationToken)
        {
            if (_plan.FirstOrDefault(entity => entity is { Kind: not null, Fault: null }) is { } any
                && await client.FindInspectFaultAsync(any.Name, cancellationToken) is { } fault)
            {
                throw new DeveloperException(fault);
            }

            var inspector = new InspectorPort(client, port, () => _plan, screen);
            await inspector.StartAsync(cancellationToken);
            inspector.Explain();
            return inspector;
        }

        private async Task RedeployAsync(FolderWatcher watcher, CancellationToken cancellationToken)
        {
            while (true)
            {
                await watcher.WaitAsync(cancellationToken);
                await TryDeployAsync(cancellationToken);
            }
        }

        private async Task TryDeployAsync(CancellationToken cancellationToken)
        {
            try
            {
                await DeployAsync(cancellationToken);
            }
            catch (DeveloperException exception)
            {
                // A manifest in the middle of being edited, or a server that restarts: the next change tries again.
                screen.Line(screen.Red(exception.Message));
            }
        }

        private Task FollowAsync(CancellationToken cancellationToken)
        {
            var printer = new LogPrinter(screen, asJson: false);
            return new LogFollower(client, screen).FollowAsync(null, () => { }, Show, cancellationToken);

            void Show(JsonObject entry)
            {
                var action = (string?)entry["action"];
                if (action is null || deployer.Names.Contains(action[(action.IndexOf('/', 1) + 1)..]))
                {
                    printer.Live(entry);
                }
            }
        }
    }
}
