using System.Net.Sockets;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Actions that go for the launcher they share their process with, or for the server's end of its socket.</summary>
public sealed class LauncherAttacks : IClassFixture<AttackedPool>
{
    private static readonly TimeSpan _shortTime = TimeSpan.FromSeconds(2);

    private readonly AttackedPool _attacked;

    public LauncherAttacks(AttackedPool attacked)
    {
        _attacked = attacked;
    }

    /// <summary>What a process does to its own launcher, it does to its own activations.</summary>
    [Theory]
    [InlineData("JSON.stringify = () => 'nonsense'; JSON.parse = () => { throw new Error() };")]
    [InlineData("Object.prototype.toJSON = function () { return 'polluted' };")]
    [InlineData("Object.prototype.then = function (done) { done({ polluted: true }) };")]
    [InlineData("Promise.prototype.then = () => {}; globalThis.Promise = null;")]
    [InlineData("Map.prototype.get = Map.prototype.delete = Map.prototype.set = () => { throw new Error('map') };")]
    [InlineData("Buffer.prototype.writeUInt32LE = function () { return 0 }; Buffer.prototype.write = () => 1e9;")]
    [InlineData("const fs = require('fs'); fs.writeSync = () => { throw new Error('write') };")]
    [InlineData("process.stdout.write = () => { throw new Error('stdout') }; console.log = process.exit;")]
    [InlineData("process.removeAllListeners(); process.on('exit', () => { for (;;); });")]
    [InlineData("Array.prototype.push = () => { throw new Error('push') }; Function.prototype.call = null;")]
    [InlineData("require('net').Socket.prototype.write = function () { this.destroy() };")]
    [InlineData("for (const key of Object.keys(require.cache)) delete require.cache[key]; module.constructor._load = () => null;")]
    public async Task Replace_what_the_launcher_uses(string pollution)
    {
        var action = TestPool.Action(pollution + " function main() { console.log('x'); return { ok: 1 } }") with { Timeout = _shortTime };
        var outcome = await _attacked.AttackAsync(action);
        Assert.NotEqual(SandboxStatus.NotProvisioned, outcome.Status);
    }

    [Theory]
    [InlineData("({ get a() { throw new Error('getter') } })")]
    [InlineData("new Proxy({}, { ownKeys() { throw new Error('trap') } })")]
    [InlineData("new Proxy({}, { get() { for (;;); } })")]
    [InlineData("({ toJSON() { process.exit(0) } })")]
    [InlineData("({ then() { throw new Error('then') } })")]
    [InlineData("({ get then() { throw new Error('then') } })")]
    [InlineData("({ then(done) { done(this); done(this) } })")]
    [InlineData("(() => { const a = {}; a.a = a; return a })()")]
    [InlineData("({ big: 1n })")]
    [InlineData("Promise.reject({ get message() { throw new Error('message') }, get stack() { process.exit(1) } })")]
    [InlineData("(() => { throw { toString() { throw new Error('toString') } } })()")]
    [InlineData("(() => { let a = {}; for (let i = 0; i < 1e5; i++) a = { a }; return a })()")]
    [InlineData("({ big: 'x'.repeat(32 << 20) })")]
    public async Task Answer_with_what_cannot_be_read(string result)
    {
        var outcome = await _attacked.AttackAsync(TestPool.Action($"function main() {{ return {result} }}") with { Timeout = _shortTime });
        Assert.Contains(outcome.Status, new[] { SandboxStatus.RunFailed, SandboxStatus.RunCrashed, SandboxStatus.RunTimedOut, SandboxStatus.Answered, SandboxStatus.OutOfMemory });
    }

    [Theory]
    [InlineData("return new Promise(() => {})")]
    [InlineData("return { then() {} }")]
    [InlineData("for (;;);")]
    public async Task Hold_the_answer_open(string body)
    {
        var outcome = await _attacked.AttackAsync(TestPool.Action($"function main() {{ {body} }}") with { Timeout = _shortTime });
        Assert.Equal(SandboxStatus.RunTimedOut, outcome.Status);
    }

    /// <summary>Frames: length (u32) of what follows, type (u8), activation (u32), payload.</summary>
    [Theory]
    [InlineData("Buffer.alloc(65536, 0xff)")] // a length beyond all limits
    [InlineData("Buffer.from([4, 0, 0, 0, 14, 0, 0, 0, 0])")] // too short to be one
    [InlineData("Buffer.from([255, 255, 255, 0, 14, 1, 0, 0, 0])")] // a long one that never comes
    [InlineData("Buffer.concat(Array(1000).fill(Buffer.from([5, 0, 0, 0, 10, 0, 0, 0, 0])))")] // ready, again and again
    [InlineData("Buffer.concat(Array(1000).fill(Buffer.from([7, 0, 0, 0, 14, 99, 0, 0, 0, 123, 125])))")] // an answer for nobody
    [InlineData("Buffer.concat([1, 2, 3, 4, 5, 6, 7, 8].map((id) => Buffer.from([6, 0, 0, 0, 14, id, 0, 0, 0, 123])))")] // answers that are no JSON
    [InlineData("Buffer.concat(Array(1000).fill(Buffer.from([5, 0, 0, 0, 13, 2, 0, 0, 0])))")] // lines without a line
    [InlineData("Buffer.concat(Array(255).fill(0).map((_, type) => Buffer.from([5, 0, 0, 0, type, 2, 0, 0, 0])))")] // every type
    public async Task Send_forged_frames(string frame)
    {
        var code = $$"""
            const fs = require('fs');
            function main() {
              const frame = {{frame}};
              for (const fd of fs.readdirSync('/proc/self/fd')) {
                try { if (fs.readlinkSync('/proc/self/fd/' + fd).startsWith('socket:')) fs.writeSync(+fd, frame) } catch { }
              }
              return new Promise(() => {});
            }
            """;
        var outcome = await _attacked.AttackAsync(TestPool.Action(code) with { Timeout = _shortTime });
        Assert.Contains(outcome.Status, new[] { SandboxStatus.RunTimedOut, SandboxStatus.RunCrashed, SandboxStatus.RunFailed, SandboxStatus.Answered });
    }

    /// <summary>What it may say about itself it may say for ever; it gets its turn as others do.</summary>
    [Fact]
    public async Task Send_frames_without_end()
    {
        var flood = TestPool.Action("""
            const fs = require('fs');
            function main() {
              const own = fs.readdirSync('/proc/self/fd').find((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd).startsWith('socket:') } catch { return false } });
              const frames = Buffer.concat(Array(7000).fill(Buffer.from([5, 0, 0, 0, 17, 0, 0, 0, 0])));
              for (let at = 0; ; at %= frames.length) { try { at += fs.writeSync(+own, frames, at) } catch (e) { if (e.code !== 'EAGAIN') throw e } }
            }
            """) with
        { Timeout = _shortTime };
        var flooding = _attacked.Pool.RunAsync(flood);
        var others = TestPool.Action("function main() { return { ok: 1 } }");
        var answered = 0;
        while (!flooding.IsCompleted)
        {
            Assert.Equal("""{"ok":1}""", (await _attacked.Pool.RunAsync(others)).Answer());
            answered++;
        }

        Assert.Equal(SandboxStatus.RunTimedOut, (await flooding).Status);
        Assert.True(answered >= 10, $"only {answered} others were answered beside it");
    }

    /// <summary>The server takes bytes alone; what else came with them is closed.</summary>
    [Fact]
    public async Task Send_descriptors_to_the_server()
    {
        var action = TestPool.Action("""
            import os, socket, struct
            def main(args):
                for name in os.listdir('/proc/self/fd'):
                    try:
                        if not os.readlink('/proc/self/fd/' + name).startswith('socket:'):
                            continue
                    except OSError:
                        continue
                    own = socket.socket(fileno=os.dup(int(name)))
                    own.setblocking(True)
                    for _ in range(200):
                        socket.send_fds(own, [struct.pack('<IBI', 5, 17, 0)], [os.open('/dev/null', os.O_RDONLY)] * 100)
                return {'sent': True}
            """) with
        { Kind = "python:default" };
        int Open() => Directory.GetFiles("/proc/self/fd").Length;
        var before = Open();
        await _attacked.AttackAsync(action);
        Assert.InRange(Open(), 0, before + 50);
    }

    /// <summary>Names without a file are divided by network namespace.</summary>
    [Fact]
    public async Task Connect_to_a_socket_of_the_hosts_that_is_no_file()
    {
        var name = "\0signalbox-attack-" + Guid.NewGuid().ToString("N");
        using var listener = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        listener.Bind(new UnixDomainSocketEndPoint(name));
        listener.Listen();
        var outcome = await _attacked.AttackAsync("""
            function main({ name }) {
              return new Promise((done) => require('net').connect('\0' + name).on('connect', () => done({ connected: true })).on('error', (e) => done({ code: e.code })));
            }
            """, $$"""{"name":"{{name[1..]}}"}""");
        Assert.Equal("""{"code":"ECONNREFUSED"}""", outcome.Answer());
    }

    /// <summary>It is gone as soon as the launcher has connected.</summary>
    [Fact]
    public async Task Connect_to_the_servers_socket_a_second_time()
    {
        var outcome = await _attacked.AttackAsync("""
            function main() {
              return new Promise((done) => require('net').connect('/io/s').on('connect', () => done({ connected: true })).on('error', (e) => done({ code: e.code })));
            }
            """);
        Assert.Equal("""{"code":"ENOENT"}""", outcome.Answer());
    }

    [Fact]
    public async Task Print_sentinel_lines()
    {
        const string sentinel = "XXX_THE_END_OF_A_WHISK_ACTIVATION_XXX";
        var outcome = await _attacked.AttackAsync($$"""
            function main() { console.log('{{sentinel}}'); console.error('{{sentinel}}'); console.log('after'); return { ok: 1 } }
            """);
        Assert.Equal("""{"ok":1}""", outcome.Answer());
        Assert.Equal([sentinel, sentinel, "after"], outcome.Logs.Select(line => line.Text));
    }
}
