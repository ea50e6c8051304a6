using System.Net.WebSockets;
using System.Text;
using System.Text.Json.Nodes;

namespace Signalbox.EndToEnd.Tests;

/// <summary><c>signalbox dev --inspect</c>, with a debugger that speaks the inspector's protocol as editors do.</summary>
public sealed class InspectTests(RunningServer running)
{
    private static readonly TimeSpan _within = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task A_breakpoint_in_the_users_file_stops_an_invocation_and_binds_again_after_a_redeploy()
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { Settings = ["--allow-inspect"] });
        var app = Directory.CreateTempSubdirectory("signalbox-inspect-").FullName;
        try
        {
            var lamp = Path.Combine(app, "lamp.js");
            await File.WriteAllTextAsync(lamp, "exports.colour = (p) => {\n  const colour = p.colour;\n  return colour;\n};\n");
            await File.WriteAllTextAsync(Path.Combine(app, "show.js"), "const lamp = require('./lamp');\nexports.main = (p) => ({ seen: lamp.colour(p) });\n");
            await File.WriteAllTextAsync(Path.Combine(app, "manifest.yml"), "packages: { yard: { actions: { show: { function: show.js, limits: { timeout: 1000 } }, log: { function: log.py, runtime: 'python:3' } } } }");
            await File.WriteAllTextAsync(Path.Combine(app, "log.py"), "def main(args):\n    return {}\n");
            var port = server.Address.Port + 1;
            await using var dev = Start(server, "dev", app, "--inspect", $"{port}");
            await Eventually.HoldsAsync("the debugger's port", () => dev.Output.ToString().Contains("Watching", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            var target = await TargetAsync(port);

            var first = await HitAsync(server, target, lamp);
            await File.WriteAllTextAsync(lamp, "// moved down by a line\n" + await File.ReadAllTextAsync(lamp));
            await Eventually.HoldsAsync("the redeployment", () => dev.Output.ToString().Contains("redeployed action   yard/show", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            var second = await HitAsync(server, target, lamp, line: 3);

            Assert.Equal("red", first);
            Assert.Equal("red", second);
            Assert.Contains("'python:3' is not built", dev.Output.ToString(), StringComparison.Ordinal);
            Assert.Contains($"\"websocketAddress\": \"ws://127.0.0.1:{port}/yard/show\"", dev.Output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(app, recursive: true);
        }
    }

    [Fact]
    public async Task A_server_that_does_not_allow_it_lets_no_debugger_in_and_says_how()
    {
        await running.Client.PutActionAsync("not-inspected", "function main () { return {} }");
        var app = Directory.CreateTempSubdirectory("signalbox-inspect-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(app, "a.js"), "function main () { return {} }");
            await File.WriteAllTextAsync(Path.Combine(app, "manifest.yml"), "packages: { yard: { actions: { not-inspected: { function: a.js } } } }");
            await using var dev = Start(running.Server, "dev", app, "--inspect", "0");

            Assert.Equal(2, await dev.WaitForExitAsync(_within));
            Assert.Contains("--allow-inspect", dev.Output.ToString(), StringComparison.Ordinal);
        }
        finally
        {
            Directory.Delete(app, recursive: true);
        }
    }

    [Fact]
    public async Task Web_pages_do_not_reach_the_debuggers_port()
    {
        await using var server = await SignalboxServer.StartAsync(new ServerLaunch { Settings = ["--allow-inspect"] });
        var app = Directory.CreateTempSubdirectory("signalbox-inspect-").FullName;
        try
        {
            await File.WriteAllTextAsync(Path.Combine(app, "manifest.yml"), "packages: { yard: { } }");
            var port = server.Address.Port + 1;
            await using var dev = Start(server, "dev", app, "--inspect", $"{port}");
            await Eventually.HoldsAsync("the debugger's port", () => dev.Output.ToString().Contains("Watching", StringComparison.Ordinal), _within, () => dev.Output.ToString());
            using var http = new HttpClient();

            Assert.Equal(200, await StatusAsync("Accept", "*/*"));
            Assert.Equal(403, await StatusAsync("Origin", "https://pages.example"));
            Assert.Equal(403, await StatusAsync("Host", $"rebound.example:{port}"));

            async Task<int> StatusAsync(string header, string value)
            {
                using var request = new HttpRequestMessage(HttpMethod.Get, $"http://127.0.0.1:{port}/json/list");
                request.Headers.Add(header, value);
                using var response = await http.SendAsync(request);
                return (int)response.StatusCode;
            }
        }
        finally
        {
            Directory.Delete(app, recursive: true);
        }
    }

    private static async Task<Uri> TargetAsync(int port)
    {
        using var http = new HttpClient();
        var list = JsonNode.Parse(await http.GetStringAsync(new Uri($"http://127.0.0.1:{port}/json/list")))!.AsArray();
        return new Uri((string)Assert.Single(list)!["webSocketDebuggerUrl"]!);
    }

    /// <summary>Attaches, stops an invocation in the file for longer than its time limit, and answers what the variable held there.</summary>
    private static async Task<string?> HitAsync(SignalboxServer server, Uri target, string file, int line = 2)
    {
        using var patience = new CancellationTokenSource(_within);
        using var socket = new ClientWebSocket();
        await socket.ConnectAsync(target, patience.Token);
        await AskAsync(socket, 1, "Debugger.enable", [], patience.Token);
        await AskAsync(socket, 2, "Debugger.setBreakpointByUrl", new JsonObject { ["lineNumber"] = line, ["urlRegex"] = new Uri(file).AbsoluteUri.Replace("/", "\\/", StringComparison.Ordinal) + "($|\\?)" }, patience.Token);
        await SendAsync(socket, 3, "Runtime.runIfWaitingForDebugger", [], patience.Token);

        await using var invoke = Start(server, "invoke", "yard/show", "--param", "colour", "red", "--result");
        JsonNode paused;
        do
        {
            paused = await ReceiveAsync(socket, patience.Token);
        }
        while ((string?)paused["method"] != "Debugger.paused");
        var frame = paused["params"]!["callFrames"]![0]!;
        Assert.Equal(line, (int?)frame["location"]!["lineNumber"]);
        var value = await AskAsync(socket, 4, "Debugger.evaluateOnCallFrame", new JsonObject { ["callFrameId"] = frame["callFrameId"]!.DeepClone(), ["expression"] = "colour" }, patience.Token);
        await Task.Delay(TimeSpan.FromSeconds(1.5), patience.Token);
        await SendAsync(socket, 5, "Debugger.resume", [], patience.Token);

        Assert.Equal(0, await invoke.WaitForExitAsync(_within));
        Assert.Contains("\"seen\": \"red\"", invoke.Output.ToString(), StringComparison.Ordinal);
        return (string?)value["result"]!["value"];
    }

    private static async Task<JsonNode> AskAsync(ClientWebSocket socket, int id, string method, JsonObject parameters, CancellationToken cancellationToken)
    {
        await SendAsync(socket, id, method, parameters, cancellationToken);
        JsonNode answer;
        do
        {
            answer = await ReceiveAsync(socket, cancellationToken);
        }
        while ((int?)answer["id"] != id);
        Assert.True(answer["error"] is null, answer.ToJsonString());
        return answer["result"]!;
    }

    private static Task SendAsync(ClientWebSocket socket, int id, string method, JsonObject parameters, CancellationToken cancellationToken) => socket.SendAsync(
        Encoding.UTF8.GetBytes(new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters }.ToJsonString()),
        WebSocketMessageType.Text,
        endOfMessage: true,
        cancellationToken);

    private static async Task<JsonNode> ReceiveAsync(ClientWebSocket socket, CancellationToken cancellationToken)
    {
        using var message = new MemoryStream();
        var buffer = new byte[16 * 1024];
        WebSocketReceiveResult received;
        do
        {
            received = await socket.ReceiveAsync(buffer, cancellationToken);
            Assert.Equal(WebSocketMessageType.Text, received.MessageType);
            message.Write(buffer, 0, received.Count);
        }
        while (!received.EndOfMessage);
        return JsonNode.Parse(message.ToArray())!;
    }

    private static LeashedProcess Start(SignalboxServer server, params string[] arguments) => LeashedProcess.Start(
        "dotnet",
        [Repository.ServerAssembly, .. arguments, "--data", server.DataDirectory],
        new Dictionary<string, string?> { ["NO_COLOR"] = "1" });
}
