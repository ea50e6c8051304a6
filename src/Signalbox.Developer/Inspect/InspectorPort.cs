using System.Net;
using System.Net.Sockets;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Signalbox.Developer.Connection;
using Signalbox.Developer.Deployment;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Inspect;

/// <summary>
/// The loopback port that editors and browsers attach to, as they do to <c>node --inspect</c>: one target for each
/// Node.js action. Attaching to a target opens the way through the server into a process of that action.
/// </summary>
internal sealed class InspectorPort : IAsyncDisposable
{
    public const int DefaultPort = 9229;

    private readonly RuntimeClient _client;
    private readonly int _port;
    private readonly Func<IReadOnlyList<PlannedEntity>> _plan;
    private readonly Screen _screen;
    private readonly WebApplication _app;

    /// <param name="client">The server.</param>
    /// <param name="port">On this machine's loopback.</param>
    /// <param name="plan">What is deployed now.</param>
    /// <param name="screen">Is told who comes and goes.</param>
    public InspectorPort(RuntimeClient client, int port, Func<IReadOnlyList<PlannedEntity>> plan, Screen screen)
    {
        _client = client;
        _port = port;
        _plan = plan;
        _screen = screen;
        // The default would watch the working directory for settings, with all its node_modules.
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        builder.Services.AddSingleton<IHostLifetime, LifetimeOfCommand>();
        _app = builder.Build();
        _app.Use(RefuseWebPages);
        _app.UseWebSockets();
        _app.Run(ServeAsync);
    }

    private string Address => $"127.0.0.1:{_port}";

    private IEnumerable<PlannedEntity> Targets => _plan().Where(entity => IsNode(entity) && entity.Body is not null);

    /// <exception cref="DeveloperException">The port is taken.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _app.StartAsync(cancellationToken);
        }
        catch (IOException exception) when (exception.InnerException is not null)
        {
            throw new DeveloperException($"The debugger's port {_port} cannot be opened: {exception.InnerException.Message} Choose another: --inspect PORT.", exception);
        }
        catch (SocketException exception)
        {
            throw new DeveloperException($"The debugger's port {_port} cannot be opened: {exception.Message} Choose another: --inspect PORT.", exception);
        }
    }

    /// <summary>How to attach, for people.</summary>
    public void Explain()
    {
        foreach (var other in _plan().Where(entity => entity.Kind is not null && !IsNode(entity)))
        {
            _screen.Line("  " + _screen.Yellow($"{other.Name}: a debugger for actions of kind '{other.Kind}' is not built; there is one for Node.js."));
        }

        _screen.Line($"Debugger at {_screen.Bold(Address)}; chrome://inspect lists it, or attach VS Code with one of these in .vscode/launch.json:");
        foreach (var target in Targets)
        {
            _screen.Line($$"""    { "name": "{{target.Name}}", "type": "node", "request": "attach", "websocketAddress": "{{WebSocketUrl(target)}}", "restart": true, "autoAttachChildProcesses": false },""");
        }
    }

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    /// <summary>Ctrl+C ends the command, not this port alone.</summary>
    private sealed class LifetimeOfCommand : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private static bool IsNode(PlannedEntity entity) => entity.Kind?.StartsWith("nodejs:", StringComparison.Ordinal) == true;

    private string WebSocketUrl(PlannedEntity target) => $"ws://{Address}/{target.Name}";

    /// <summary>
    /// A page in the developer's browser must not reach this port: neither by a name that it made point here, nor by a
    /// WebSocket, which every origin may open.
    /// </summary>
    private Task RefuseWebPages(HttpContext context, RequestDelegate next)
    {
        var origin = context.Request.Headers.Origin.ToString();
        if (context.Request.Host.Host is "127.0.0.1" or "localhost" && (origin.Length == 0 || origin.StartsWith("devtools://", StringComparison.Ordinal)))
        {
            return next(context);
        }

        context.Response.StatusCode = StatusCodes.Status403Forbidden;
        return Task.CompletedTask;
    }

    private Task ServeAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/json" or "/json/list" => WriteAsync(context, new JsonArray([.. Targets.Select(Describe)])),
        "/json/version" => WriteAsync(context, new JsonObject { ["Browser"] = "signalbox", ["Protocol-Version"] = "1.1" }),
        var path when context.WebSockets.IsWebSocketRequest && Targets.FirstOrDefault(target => "/" + target.Name == path) is { } target => AttachAsync(context, target),
        _ => NotFoundAsync(context),
    };

    private static Task NotFoundAsync(HttpContext context)
    {
        context.Response.StatusCode = StatusCodes.Status404NotFound;
        return context.Response.WriteAsync("There is no such action to debug; /json/list names those that there are.\n");
    }

    private static Task WriteAsync(HttpContext context, JsonNode answer)
    {
        context.Response.ContentType = "application/json; charset=UTF-8";
        return context.Response.WriteAsync(answer.ToJsonString());
    }

    private JsonNode Describe(PlannedEntity target) => new JsonObject
    {
        ["description"] = $"{target.Kind} action on {_client.Url}",
        ["devtoolsFrontendUrl"] = $"devtools://devtools/bundled/js_app.html?experiments=true&v8only=true&ws={Address}/{target.Name}",
        ["id"] = target.Name,
        ["title"] = target.Name,
        ["type"] = "node",
        ["url"] = target.Sources.Count > 0 ? new Uri(target.Sources.First().Value).AbsoluteUri : "",
        ["webSocketDebuggerUrl"] = WebSocketUrl(target),
    };

    private async Task AttachAsync(HttpContext context, PlannedEntity target)
    {
        InspectorConnection connection;
        try
        {
            connection = await _client.OpenInspectorAsync(target.Name, context.RequestAborted);
        }
        catch (DeveloperException exception)
        {
            _screen.Line(_screen.Red($"The debugger cannot be attached to {target.Name}: {exception.Message}"));
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            await context.Response.WriteAsync(exception.Message);
            return;
        }

        using (connection)
        {
            using var editor = await context.WebSockets.AcceptWebSocketAsync();
            _screen.Line($"{_screen.Bold(target.Name)}  debugger attached; its next activations run in a new process under it");
            var processLeft = await InspectorBridge.JoinAsync(editor, connection.Socket, new ScriptNames(connection.CodeFolder, target.Sources), context.RequestAborted);
            _screen.Line($"{_screen.Bold(target.Name)}  debugger detached{(processLeft ? ": that process has ended; attach again for the next" : "")}");
        }
    }
}
