using System.Text;
using System.Text.Json.Nodes;
using Signalbox.Sandbox.Inspection;

namespace Signalbox.Sandbox.Tests;

/// <summary>A debugger in an action's process.</summary>
public sealed class InspectionTests
{
    private const string Code = "function main (p) {\n  const y = p.x + 1;\n  return { y };\n}\n";

    private static readonly TimeSpan _within = TimeSpan.FromSeconds(30);

    [Theory]
    [InlineData(SandboxIsolation.Bubblewrap)]
    [InlineData(SandboxIsolation.None)]
    public async Task A_breakpoint_stops_the_activation_which_can_be_looked_into_and_goes_on(SandboxIsolation isolation)
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true, Isolation = isolation });
        var action = TestPool.Action(Code);
        using var debugger = await AttachAsync(pool, action);
        await debugger.BreakAtAsync("index.js", line: 1);

        var run = pool.RunAsync(action, """{"x":41}""");
        var frame = await debugger.PausedAsync();
        var x = await debugger.AskAsync("Debugger.evaluateOnCallFrame", new JsonObject { ["callFrameId"] = frame, ["expression"] = "p.x" });
        Assert.False(run.IsCompleted);
        await debugger.AskAsync("Debugger.resume");

        Assert.Equal(41, (int?)x["result"]!["value"]);
        Assert.Equal("""{"y":42}""", (await run).Answer());
    }

    [Theory]
    [InlineData(1)]
    [InlineData(10)]
    public async Task Neither_deadline_nor_heartbeat_counts_while_a_debugger_is_attached(int concurrency)
    {
        var limits = TimeSpan.FromMilliseconds(300);
        await using var pool = new TestPool(options => options with { AllowInspect = true, StallTimeout = limits });
        var action = TestPool.Action(Code) with { Timeout = limits, Concurrency = concurrency };
        using var debugger = await AttachAsync(pool, action);
        await debugger.BreakAtAsync("index.js", line: 1);

        var run = pool.RunAsync(action, """{"x":1}""");
        await debugger.PausedAsync();
        await Task.Delay(4 * limits);
        Assert.Equal(0, pool.Pool.Stalled);
        await debugger.AskAsync("Debugger.resume");

        Assert.Equal("""{"y":2}""", (await run).Answer());
    }

    [Fact]
    public async Task Without_its_debugger_a_stopped_activation_goes_on_and_its_deadline_counts_again()
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true });
        var action = TestPool.Action("function main (p) {\n  if (p.hang) return new Promise(() => {});\n  return { ok: true };\n}") with { Timeout = TimeSpan.FromSeconds(1) };
        var debugger = await AttachAsync(pool, action);
        await debugger.BreakAtAsync("index.js", line: 2);

        var run = pool.RunAsync(action);
        await debugger.PausedAsync();
        debugger.Dispose();

        Assert.Equal("""{"ok":true}""", (await run.WaitAsync(_within)).Answer());
        Assert.Equal(SandboxStatus.RunTimedOut, (await pool.RunAsync(action, """{"hang":true}""").WaitAsync(_within)).Status);
    }

    [Fact]
    public async Task The_first_line_of_a_module_can_be_stopped_at()
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true });
        var action = TestPool.Action("const first = 6;\nconst second = first * 7;\nfunction main () { return { second } }");
        using var debugger = await AttachAsync(pool, action);

        var run = pool.RunAsync(action);
        await debugger.BreakAtAsync("index.js", line: 1);
        await debugger.PausedAsync();
        await debugger.AskAsync("Debugger.resume");

        Assert.Equal("""{"second":42}""", (await run).Answer());
    }

    [Fact]
    public async Task The_debugger_gets_a_new_process_and_all_further_activations()
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true });
        var action = TestPool.Action("globalThis.runs = 0; function main () { return { run: ++runs } }");
        await pool.RunAsync(action);
        using var debugger = await AttachAsync(pool, action);
        await debugger.AskAsync("Runtime.runIfWaitingForDebugger");

        Assert.Equal("""{"run":1}""", (await pool.RunAsync(action)).Answer());
        Assert.Equal("""{"run":2}""", (await pool.RunAsync(action)).Answer());
        var second = await pool.Pool.InspectAsync(action, CancellationToken.None);
        Assert.Equal(InspectionStatus.Occupied, second.Status);
    }

    [Fact]
    public async Task A_retired_version_lets_its_debugger_go()
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true });
        var action = TestPool.Action(Code);
        using var debugger = await AttachAsync(pool, action);

        pool.Pool.Retire(action.Id);

        Assert.True(await debugger.HasEndedAsync());
    }

    [Fact]
    public async Task No_debugger_comes_in_unless_the_operator_allows_it()
    {
        await using var pool = new TestPool();

        var refused = await pool.Pool.InspectAsync(TestPool.Action(Code), CancellationToken.None);

        Assert.Null(refused.Inspector);
        Assert.Contains("--allow-inspect", refused.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Other_kinds_say_that_it_is_not_built()
    {
        await using var pool = new TestPool(options => options with { AllowInspect = true });

        var refused = await pool.Pool.InspectAsync(TestPool.Action("def main(args): return {}") with { Kind = "python:3" }, CancellationToken.None);

        Assert.Equal(InspectionStatus.NotBuilt, refused.Status);
        Assert.Contains("'python:3' is not built", refused.Reason, StringComparison.Ordinal);
    }

    private static async Task<Debugger> AttachAsync(TestPool pool, SandboxedAction action)
    {
        var start = await pool.Pool.InspectAsync(action, CancellationToken.None);
        Assert.True(start.Inspector is not null, start.Reason);
        return new Debugger(start.Inspector);
    }

    /// <summary>Speaks the inspector's protocol, as an editor does.</summary>
    private sealed class Debugger(Inspector inspector) : IDisposable
    {
        private readonly CancellationTokenSource _patience = new(_within);
        private readonly Queue<JsonNode> _notices = [];
        private int _lastId;

        public async Task<JsonNode> AskAsync(string method, JsonObject? parameters = null)
        {
            var id = ++_lastId;
            var message = new JsonObject { ["id"] = id, ["method"] = method, ["params"] = parameters ?? [] };
            await inspector.SendAsync(Encoding.UTF8.GetBytes(message.ToJsonString()), _patience.Token);
            while (true)
            {
                var answer = await ReceiveAsync() ?? throw new IOException("The process has gone.");
                if ((int?)answer["id"] == id)
                {
                    Assert.True(answer["error"] is null, answer.ToJsonString());
                    return answer["result"]!;
                }

                _notices.Enqueue(answer);
            }
        }

        public async Task BreakAtAsync(string file, int line)
        {
            await AskAsync("Debugger.enable");
            await AskAsync("Debugger.setBreakpointByUrl", new JsonObject { ["lineNumber"] = line, ["url"] = $"file://{inspector.CodeFolder}/{file}" });
            await AskAsync("Runtime.runIfWaitingForDebugger");
        }

        /// <summary>The innermost frame's id, once the action stands still.</summary>
        public async Task<string> PausedAsync()
        {
            while (true)
            {
                var notice = _notices.TryDequeue(out var earlier) ? earlier : await ReceiveAsync() ?? throw new IOException("The process has gone.");
                if ((string?)notice["method"] == "Debugger.paused")
                {
                    return (string)notice["params"]!["callFrames"]![0]!["callFrameId"]!;
                }
            }
        }

        public async Task<bool> HasEndedAsync()
        {
            while (await ReceiveAsync() is not null)
            {
            }

            return true;
        }

        public void Dispose()
        {
            inspector.Dispose();
            _patience.Dispose();
        }

        private async Task<JsonNode?> ReceiveAsync() =>
            await inspector.ReceiveAsync(_patience.Token) is { } message ? JsonNode.Parse(message.Span) : null;
    }
}
