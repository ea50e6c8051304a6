using System.CommandLine;
using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Signalbox.Server.ConsoleAccess;
using Signalbox.Server.Demo;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox demo</c>: starts a server of its own and tells the whole way of an event on the terminal.</summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var command = new Command("demo", "Start a server and watch an event run an action, with its trace, logs and a forgery");
        var once = new Option<bool>("--once") { Description = "End after the story; exit code 0 only if every step was as told" };
        var arguments = new ServerArguments("The data directory. Default: a temporary one, removed at the end");
        command.Add(once);
        arguments.AddTo(command);
        command.SetAction(async (parsed, cancellationToken) =>
        {
            var temporary = arguments.Data(parsed) is null ? Directory.CreateTempSubdirectory("signalbox-demo-").FullName : null;
            try
            {
                var urls = $"http://localhost:{FreePort(new Uri(ServerSettings.DefaultUrl).Port)}";
                var settings = arguments.Settings(parsed, temporary ?? string.Empty, urls);
                return await RunAsync(settings, arguments.Configuration(parsed), parsed.GetValue(once), temporary is not null, cancellationToken);
            }
            finally
            {
                if (temporary is not null)
                {
                    Directory.Delete(temporary, recursive: true);
                }
            }
        });
        return command;
    }

    private static async Task<int> RunAsync(
        ServerSettings settings, IReadOnlyList<string> configuration, bool once, bool isTemporary, CancellationToken cancellationToken)
    {
        using var data = DataDirectory.Open(settings.DataDirectory);
        // The story is told on the terminal; the log says only what went wrong.
        await using var app = SignalboxApplication.Build(settings, data, ["--Logging:LogLevel:Default", "Error", .. configuration]);
        if (!await SignalboxApplication.StartAsync(app, settings, cancellationToken))
        {
            return 0;
        }

        var server = app.Services.GetRequiredService<ServerAddress>().Public;
        var teller = new StoryTeller();
        var exitCode = await TellAsync(app, server, data, teller, cancellationToken);
        if (!once && exitCode == 0)
        {
            teller.Chapter($"The server keeps running at {server.GetLeftPart(UriPartial.Authority)}. In another terminal:");
            teller.Quote($"""
                eval "$(./signalbox env --data {data.FullPath})"
                curl -su "$AIO_RUNTIME_AUTH" "$AIO_RUNTIME_APIHOST/api/v1/namespaces/_/activations?limit=5"
                npx @adobe/aio-cli rt activation list
                """);
            var link = app.Services.GetRequiredService<ConsoleLink>().Current;
            teller.Say($"The console is at {server.GetLeftPart(UriPartial.Authority)}/console. {(link is null ? "Sign in as admin." : "This link sets the password of admin and signs in:")}");
            if (link is not null)
            {
                teller.Quote(link.ToString());
            }

            teller.Say(isTemporary
                ? "Its data goes when you stop it with Ctrl+C; './signalbox serve' keeps its own."
                : "Stop it with Ctrl+C.");
            await app.WaitForShutdownAsync(cancellationToken);
        }

        await app.StopAsync(CancellationToken.None);
        return exitCode;
    }

    private static async Task<int> TellAsync(WebApplication app, Uri server, DataDirectory data, StoryTeller teller, CancellationToken cancellationToken)
    {
        var console = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(data.FullPath, "console.json"), cancellationToken))!;
        using var client = new DemoClient(server, console);
        await using var code = typeof(DemoCommand).Assembly.GetManifestResourceStream("hello-event.js")!;
        using var reader = new StreamReader(code);
        var story = new DemoStory(client, teller, app.Services.GetRequiredService<TimeProvider>(), await reader.ReadToEndAsync(cancellationToken), server);
        teller.Say($"Signalbox {ServerVersion.Text} at {server.GetLeftPart(UriPartial.Authority)}, data in {data.FullPath}");
        try
        {
            await story.TellAsync(cancellationToken);
            return 0;
        }
        catch (Exception exception) when (exception is DemoException or HttpRequestException)
        {
            teller.Failed(exception.Message);
            return 1;
        }
    }

    /// <summary>The wanted port when nobody has it, else any free one.</summary>
    private static int FreePort(int wanted)
    {
        foreach (var port in new[] { wanted, 0 })
        {
            try
            {
                using var listener = new TcpListener(IPAddress.Loopback, port);
                listener.Start();
                return ((IPEndPoint)listener.LocalEndpoint).Port;
            }
            catch (SocketException)
            {
                continue;
            }
        }

        throw new SettingsException("No free port on loopback. Name one with --urls URL.");
    }
}
