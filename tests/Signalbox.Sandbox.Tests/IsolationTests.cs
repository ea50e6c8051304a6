using System.Net;
using System.Net.Sockets;

namespace Signalbox.Sandbox.Tests;

/// <summary>What code in a sandbox cannot reach.</summary>
public sealed class IsolationTests : IClassFixture<SharedPool>
{
    private readonly TestPool _pool;

    public IsolationTests(SharedPool shared)
    {
        _pool = shared.Pool;
    }

    [Fact]
    public async Task The_host_says_what_it_protects()
    {
        var report = await _pool.Pool.HostReport;
        Assert.True(report.CanRun);
        Assert.Contains(report.Protections, protection => protection.Contains("network namespaces", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_hosts_files_do_not_exist_inside()
    {
        var secret = Path.Combine(_pool.WorkDirectory, "secret");
        await File.WriteAllTextAsync(secret, "secret");
        var outcome = await _pool.RunAsync("""
            const fs = require('fs');
            function main({ paths }) {
              return paths.map((path) => { try { fs.readFileSync(path); return path } catch (e) { return e.code } });
            }
            """, $$"""{"paths":["/etc/passwd","/etc/shadow","/root/.bashrc","{{secret}}","/bin/sh"]}""");
        File.Delete(secret);
        Assert.Equal("""["ENOENT","ENOENT","ENOENT","ENOENT","ENOENT"]""", outcome.Answer());
    }

    [Fact]
    public async Task Only_these_folders_exist_and_only_tmp_can_be_written()
    {
        var outcome = await _pool.RunAsync("""
            const fs = require('fs');
            function writable(path) { try { fs.writeFileSync(path + '/x', 'x'); return true } catch { return false } }
            function main() { const roots = fs.readdirSync('/'); return { roots, writable: roots.filter((name) => writable('/' + name)), here: fs.readdirSync('/action') } }
            """);
        Assert.Equal(
            """{"roots":["action","dev","io","launcher","lib","lib64","node_modules","proc","tmp","usr","work"],"writable":["tmp","work"],"here":[]}""", outcome.Answer());
    }

    /// <summary>Where the server runs as root, the owner of these files is the action's own user.</summary>
    [Fact]
    public async Task No_setting_of_the_kernel_can_be_written()
    {
        var outcome = await _pool.RunAsync("""
            const fs = require('fs');
            const files = ['/proc/sys/kernel/core_pattern', '/proc/sys/fs/inotify/max_user_instances', '/proc/sysrq-trigger', '/proc/pressure/cpu'];
            function main() {
              return files.filter((file) => { try { fs.closeSync(fs.openSync(file, 'r+')); return true } catch { return false } });
            }
            """);
        Assert.Equal("[]", outcome.Answer());
    }

    [Fact]
    public async Task Other_processes_are_not_seen()
    {
        var other = TestPool.Action("function main() { return {} }");
        await _pool.RunAsync(other);
        var outcome = await _pool.RunAsync("function main() { return require('fs').readdirSync('/proc').filter((name) => +name > 0).map(Number) }");
        var pids = System.Text.Json.JsonSerializer.Deserialize<int[]>(outcome.Answer())!;
        Assert.InRange(pids.Length, 1, 4);
        Assert.All(pids, pid => Assert.InRange(pid, 1, 10));
    }

    [Fact]
    public async Task There_is_no_network()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var port = ((IPEndPoint)listener.LocalEndpoint).Port;
        const string code = """
            function main({ port }) {
              return new Promise((done) => require('net').connect(port, '127.0.0.1')
                .on('connect', () => done({ connected: true })).on('error', (e) => done({ code: e.code })));
            }
            """;
        Assert.Equal("""{"code":"ECONNREFUSED"}""", (await _pool.RunAsync(code, $$"""{"port":{{port}}}""")).Answer());
        Assert.False(listener.Pending());
        await using var open = new TestPool(options => options with { Network = SandboxNetwork.Host });
        Assert.Equal("""{"connected":true}""", (await open.RunAsync(code, $$"""{"port":{{port}}}""")).Answer());
    }

    [Fact]
    public async Task No_capability_is_left_and_none_can_be_had()
    {
        var outcome = await _pool.RunAsync("""
            function main() {
              const status = require('fs').readFileSync('/proc/self/status', 'utf8');
              return Object.fromEntries(['CapPrm', 'CapEff', 'CapBnd', 'NoNewPrivs', 'Uid'].map((key) => [key, status.match(new RegExp(key + ':\\s*(\\S+)'))[1]]));
            }
            """);
        Assert.Equal(
            """{"CapPrm":"0000000000000000","CapEff":"0000000000000000","CapBnd":"0000000000000000","NoNewPrivs":"1","Uid":"1000"}""", outcome.Answer());
    }

    [Fact]
    public async Task A_process_serves_one_owner_and_one_action()
    {
        const string code = "let runs = 0; function main() { return { runs: ++runs } }";
        var action = TestPool.Action(code) with { Concurrency = 10 };
        Assert.Equal("""{"runs":1}""", (await _pool.RunAsync(action)).Answer());
        Assert.Equal("""{"runs":1}""", (await _pool.RunAsync(action with { Owner = "other" })).Answer());
        Assert.Equal("""{"runs":1}""", (await _pool.RunAsync(action with { Id = action.Id + "-next" })).Answer());
        Assert.Equal("""{"runs":2}""", (await _pool.RunAsync(action)).Answer());
    }

    [Fact]
    public async Task Forged_frames_fail_the_forger_only()
    {
        var innocent = TestPool.Action("function main() { return { ok: 1 } }");
        await _pool.RunAsync(innocent);
        var forged = await _pool.RunAsync("""
            const fs = require('fs');
            function main() {
              for (const fd of fs.readdirSync('/proc/self/fd')) {
                try { if (fs.readlinkSync('/proc/self/fd/' + fd).startsWith('socket:')) fs.writeSync(+fd, Buffer.alloc(4096, 0xff)) } catch { }
              }
              return new Promise(() => {});
            }
            """);
        Assert.Equal(SandboxStatus.RunCrashed, forged.Status);
        Assert.Equal("""{"ok":1}""", (await _pool.RunAsync(innocent)).Answer());
    }

    [Fact]
    public async Task Without_bubblewrap_actions_do_not_run_and_the_remedy_is_told()
    {
        await using var pool = new TestPool(options => options with { Bubblewrap = "no-such-bwrap" });
        var outcome = await pool.RunAsync("function main() { return {} }");
        Assert.Equal(SandboxStatus.NotProvisioned, outcome.Status);
        Assert.Contains("no 'no-such-bwrap' on PATH; install it", outcome.Message, StringComparison.Ordinal);
        Assert.False((await pool.Pool.HostReport).CanRun);
    }

    [Fact]
    public async Task Where_namespaces_are_refused_actions_do_not_run()
    {
        // Any program that refuses these arguments stands for a bubblewrap that may not do its work.
        await using var pool = new TestPool(options => options with { Bubblewrap = "ls" });
        var outcome = await pool.RunAsync("function main() { return {} }");
        Assert.Equal(SandboxStatus.NotProvisioned, outcome.Status);
        Assert.Contains("bubblewrap cannot make namespaces here (", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Switched_off_isolation_runs_plain_processes()
    {
        await using var pool = new TestPool(options => options with { Isolation = SandboxIsolation.None });
        var outcome = await pool.RunAsync("function main({ path }) { return { sees: require('fs').existsSync(path), home: process.env.HOME === undefined } }", $$"""{"path":"{{pool.WorkDirectory}}"}""");
        Assert.Equal("""{"sees":true,"home":true}""", outcome.Answer());
        Assert.Contains("without isolation", Assert.Single(outcome.Logs).Text, StringComparison.Ordinal);
        Assert.Contains((await pool.Pool.HostReport).Missing, missing => missing.Contains("switched off", StringComparison.Ordinal));
    }
}
