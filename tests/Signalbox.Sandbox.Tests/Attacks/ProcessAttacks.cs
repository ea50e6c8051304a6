using System.Diagnostics;
using System.Text.Json;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Actions that go for other processes, or take more than their share of the machine.</summary>
public sealed class ProcessAttacks : IClassFixture<AttackedPool>
{
    private readonly AttackedPool _attacked;

    public ProcessAttacks(AttackedPool attacked)
    {
        _attacked = attacked;
    }

    [Fact]
    public async Task List_and_signal_the_hosts_processes()
    {
        using var victim = Process.Start(new ProcessStartInfo("sleep", "60"))!;
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main({ pids }) {
              const seen = fs.readdirSync('/proc').filter((name) => +name > 10).length;
              const signalled = pids.filter((pid) => { try { process.kill(pid, 'SIGKILL'); return true } catch { return false } });
              const read = pids.filter((pid) => { try { fs.readFileSync(`/proc/${pid}/environ`); return true } catch { return false } });
              return { seen, signalled, read };
            }
            """, JsonSerializer.Serialize(new { pids = new[] { victim.Id, Environment.ProcessId } }));
        Assert.False(victim.HasExited);
        victim.Kill();
        Assert.Equal("""{"seen":0,"signalled":[],"read":[]}""", outcome.Answer());
    }

    [Fact]
    public async Task End_the_process_that_started_it()
    {
        var outcome = await _attacked.AttackAsync("""
            function main() {
              for (const pid of [1, process.ppid]) { try { process.kill(pid, 'SIGKILL') } catch { } }
              return new Promise((done) => setTimeout(() => done({ lives: true }), 100));
            }
            """);
        // The first process of its own namespace is out of its reach, or takes it along; nothing else is there.
        Assert.Contains(outcome.Status, new[] { SandboxStatus.Answered, SandboxStatus.RunCrashed });
    }

    [Fact]
    public async Task Signal_everything()
    {
        var outcome = await _attacked.AttackAsync("function main() { process.kill(-1, 'SIGKILL'); return new Promise(() => {}) }");
        // There is nobody but itself, whom this call spares.
        Assert.Equal(SandboxStatus.RunFailed, outcome.Status);
        Assert.Contains("ESRCH", outcome.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Stop_itself()
    {
        var outcome = await _attacked.AttackAsync(
            TestPool.Action("function main() { process.kill(process.pid, 'SIGSTOP') }") with { Timeout = TimeSpan.FromSeconds(2) });
        Assert.Equal(SandboxStatus.RunTimedOut, outcome.Status);
    }

    [Fact]
    public async Task Fork_without_end()
    {
        var outcome = await _attacked.AttackAsync("""
            const { spawn } = require('child_process');
            async function main() {
              const codes = new Set();
              for (let i = 0; i < 200 && codes.size === 0; i++) {
                const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
                child.on('error', (e) => codes.add(e.code));
                await new Promise((done) => setTimeout(done, 5));
              }
              return [...codes];
            }
            """);
        Assert.True(
            outcome.Status is SandboxStatus.OutOfMemory or SandboxStatus.RunCrashed
            || (outcome.Status == SandboxStatus.Answered && outcome.Answer() is """["EAGAIN"]""" or """["ENOMEM"]"""),
            $"{outcome.Status} {outcome.Message}");
    }

    [Fact]
    public async Task Fill_the_memory_from_a_child()
    {
        var outcome = await _attacked.AttackAsync("""
            function main() {
              const { spawnSync } = require('child_process');
              const { status, signal } = spawnSync(process.execPath, ['-e', 'const all = []; for (;;) all.push(Buffer.alloc(1 << 20, 1))']);
              return { ended: status !== 0 || signal !== null };
            }
            """);
        // The kernel may choose the child, or all of the sandbox.
        Assert.True(
            outcome.Status == SandboxStatus.OutOfMemory || outcome.Answer() == """{"ended":true}""", $"{outcome.Status} {outcome.Message}");
    }

    /// <summary>In files of memory that nobody maps, in detached segments, and in what a child shares with nobody.</summary>
    [Theory]
    [InlineData("""
        import os
        def main(args):
            held = []
            while True:
                held.append(os.memfd_create('held'))
                os.write(held[-1], b'x' * (7 << 20))
        """)]
    [InlineData("""
        import ctypes
        def main(args):
            libc = ctypes.CDLL(None, use_errno=True)
            libc.shmat.restype = ctypes.c_void_p
            while True:
                segment = libc.shmget(0, 16 << 20, 0o1600)
                if segment < 0:
                    raise OSError(ctypes.get_errno(), 'shmget')
                at = libc.shmat(segment, None, 0)
                ctypes.memset(at, 1, 16 << 20)
                libc.shmdt(ctypes.c_void_p(at))
        """)]
    [InlineData("""
        import mmap, os
        def main(args):
            child = os.fork()
            if child == 0:
                held = []
                while True:
                    held.append(mmap.mmap(-1, 16 << 20))
                    for at in range(0, 16 << 20, 4096):
                        held[-1][at] = 1
            os.waitpid(child, 0)
            raise MemoryError('the child has ended')
        """)]
    public async Task Fill_the_memory_where_it_is_not_seen(string code)
    {
        var action = TestPool.Action(code) with { Kind = "python:default", MemoryMb = 128, Timeout = TimeSpan.FromSeconds(60) };
        var outcome = await _attacked.AttackAsync(action);
        Assert.True(
            outcome.Status == SandboxStatus.OutOfMemory
            || (outcome.Status == SandboxStatus.Answered && (outcome.Answer().Contains("Errno 1]", StringComparison.Ordinal) || outcome.Answer().Contains("the child has ended", StringComparison.Ordinal))),
            $"{outcome.Status} {outcome.Message} {outcome.LogText()}");
    }

    [Fact]
    public async Task Open_files_without_end()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              let opened = 0;
              try { for (; opened < 100000; opened++) fs.openSync('/dev/null') } catch (e) { return { code: e.code, withinLimit: opened <= 256 } }
              return { opened };
            }
            """);
        Assert.Equal("""{"code":"EMFILE","withinLimit":true}""", outcome.Answer());
    }

    [Fact]
    public async Task Leave_a_core_dump()
    {
        var outcome = await _attacked.AttackAsync("function main() { process.abort() }");
        Assert.Equal(SandboxStatus.RunCrashed, outcome.Status);
        Assert.Empty(Directory.EnumerateFiles(_attacked.Pool.WorkDirectory, "core*", SearchOption.AllDirectories));
    }

    [Fact]
    public async Task Print_without_end()
    {
        var action = TestPool.Action("function main() { const line = 'x'.repeat(1000); for (let i = 0; i < 100000; i++) console.log(line); return { done: true } }");
        var outcome = await _attacked.AttackAsync(action with { Timeout = TimeSpan.FromSeconds(30), LogBytesMax = 100_000 });
        Assert.True(outcome.LogsTruncated);
        Assert.InRange(outcome.Logs.Sum(line => line.Text.Length), 1, 100_000);
    }

    [Fact]
    public async Task Keep_running_after_the_answer()
    {
        var action = TestPool.Action("""
            let runs = 0;
            function main() { const run = ++runs; const timer = setInterval(() => console.log('late ' + run), 1); if (run > 1) setTimeout(() => clearInterval(timer), 10); return { run } }
            """);
        Assert.Equal("""{"run":1}""", (await _attacked.AttackAsync(action)).Answer());
        var next = await _attacked.Pool.RunAsync(action with { Id = action.Id + "-next" });
        Assert.Equal("""{"run":1}""", next.Answer());
        Assert.DoesNotContain(next.Logs, line => line.Text == "late 2");
        _attacked.Pool.Pool.Retire(action.Id);
        _attacked.Pool.Pool.Retire(action.Id + "-next");
    }
}
