using System.Net.NetworkInformation;
using System.Text.Json;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Actions that try to read, change or fill what is not theirs.</summary>
public sealed class FileAttacks : IClassFixture<AttackedPool>
{
    private const string ReadAll = """
        const fs = require('fs');
        function main({ paths }) {
          return { read: paths.filter((path) => { try { fs.readFileSync(path); return true } catch (e) { if (e.code !== 'EISDIR') return false; return fs.readdirSync(path).length > 0 } }) };
        }
        """;

    private readonly AttackedPool _attacked;

    public FileAttacks(AttackedPool attacked)
    {
        _attacked = attacked;
    }

    [Fact]
    public async Task Read_the_hosts_passwords_the_servers_database_and_keys_and_other_actions_code()
    {
        var work = _attacked.Pool.WorkDirectory;
        var secret = Path.Combine(work, "signalbox.db");
        await File.WriteAllTextAsync(secret, "secret");
        string[] wanted = ["/etc/passwd", "/etc/shadow", "/root", "/home", secret, work, work + "/archives", work + "/p", "/var/lib"];
        string[] ways = ["", "/proc/self/root", "/proc/1/root", "/proc/self/cwd/../../..", "/tmp/../..", "/action/../.."];
        var paths = ways.SelectMany(way => wanted.Select(path => way + path)).ToArray();
        var outcome = await _attacked.AttackAsync(ReadAll, JsonSerializer.Serialize(new { paths }));
        File.Delete(secret);
        Assert.Equal("""{"read":[]}""", outcome.Answer());
    }

    [Fact]
    public async Task Follow_a_symbolic_link_out()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              return ['/etc/passwd', '../../../../etc/passwd', '/proc/1/root/etc/passwd', '/proc/self/fd/1/../../etc/passwd'].map((target, i) => {
                fs.symlinkSync(target, '/tmp/l' + i);
                try { return fs.readFileSync('/tmp/l' + i, 'utf8') } catch (e) { return e.code }
              });
            }
            """);
        Assert.All(JsonSerializer.Deserialize<string[]>(outcome.Answer())!, code => Assert.Contains(code, new[] { "ENOENT", "EACCES", "ENOTDIR" }));
    }

    [Fact]
    public async Task Find_a_descriptor_that_the_server_left_open()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              return fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } })
                .filter((target) => target.startsWith('/') && target !== '/dev/null' && !target.startsWith('/proc/'));
            }
            """);
        // What the interpreter prints itself goes to a file of this process alone.
        Assert.All(JsonSerializer.Deserialize<string[]>(outcome.Answer())!, path => Assert.Matches("/p/[0-9]+/out$", path));
    }

    /// <summary>Not every descriptor of .NET's is closed by the start of another program: the one that hears of new addresses is not.</summary>
    [Fact]
    public async Task Use_a_socket_of_the_servers()
    {
        NetworkChange.NetworkAddressChanged += Ignore;
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              const open = fs.readdirSync('/proc/self/fd').map((fd) => { try { return fs.readlinkSync('/proc/self/fd/' + fd) } catch { return '' } });
              return { sockets: open.filter((target) => target.startsWith('socket:')).length };
            }
            """);
        NetworkChange.NetworkAddressChanged -= Ignore;
        // Its own, to the server.
        Assert.Equal("""{"sockets":1}""", outcome.Answer());

        static void Ignore(object? sender, EventArgs change)
        {
        }
    }

    [Fact]
    public async Task Write_to_the_code_the_launcher_the_interpreter_and_the_socket()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              const paths = ['/action/x', '/launcher/launcher.cjs', process.execPath, '/io/x', '/x', '/proc/self/root/x', '/dev/x', '/proc/sys/kernel/hostname'];
              const wrote = paths.filter((path) => { try { fs.appendFileSync(path, 'x'); return true } catch { return false } });
              for (const path of ['/io/s', '/action', '/launcher/launcher.cjs']) {
                try { fs.rmSync(path, { recursive: true, force: false }); wrote.push('removed ' + path) } catch { }
                try { fs.chmodSync(path, 0o777); wrote.push('opened ' + path) } catch { }
                try { fs.renameSync(path, '/tmp/y'); wrote.push('moved ' + path) } catch { }
              }
              return { wrote };
            }
            """);
        Assert.Equal("""{"wrote":[]}""", outcome.Answer());
    }

    [Fact]
    public async Task Find_what_another_sandbox_left_in_its_temporary_folder()
    {
        (await _attacked.AttackAsync("function main() { for (const d of ['/tmp', '/work']) require('fs').writeFileSync(d + '/left', 'x') }")).Answer();
        var outcome = await _attacked.AttackAsync("function main() { return ['/tmp', '/work', '/dev/shm'].map((d) => require('fs').readdirSync(d).length) }");
        Assert.Equal("[0,0,0]", outcome.Answer());
    }

    [Theory]
    [InlineData("/tmp")]
    [InlineData("/work")]
    public async Task Fill_the_disk(string folder)
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main({ folder }) {
              let written = 0;
              try { for (let i = 0; i < 64; i++) { fs.writeFileSync(folder + '/' + i, Buffer.alloc(1 << 20)); written++ } } catch (e) { return { code: e.code, withinLimit: written <= 8 } }
              return { written };
            }
            """, $$"""{"folder":"{{folder}}"}""");
        Assert.Equal("""{"code":"ENOSPC","withinLimit":true}""", outcome.Answer());
    }

    /// <summary>The file behind the raw streams lies on the host's disk: it may be as large as the temporary folder.</summary>
    [Fact]
    public async Task Fill_the_disk_through_the_raw_output()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              process.on('SIGXFSZ', () => {});
              const block = Buffer.alloc(1 << 20, 120);
              let written = 0;
              try { for (let i = 0; i < 64; i++) written += fs.writeSync(1, block) } catch (e) { return { code: e.code, withinLimit: written <= 8 << 20 } }
              return { written };
            }
            """);
        Assert.Equal("""{"code":"EFBIG","withinLimit":true}""", outcome.Answer());
    }

    [Fact]
    public async Task Open_a_device()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              const devices = fs.readdirSync('/dev').filter((name) => fs.lstatSync('/dev/' + name).isCharacterDevice() || fs.lstatSync('/dev/' + name).isBlockDevice()).sort();
              const opened = ['/dev/mem', '/dev/kmsg', '/dev/sda', '/dev/vda', '/dev/net/tun', '/dev/fuse', '/dev/kvm'].filter((path) => { try { fs.openSync(path, 'r'); return true } catch { return false } });
              return { devices, opened };
            }
            """);
        using var answer = JsonDocument.Parse(outcome.Answer());
        Assert.Equal(0, answer.RootElement.GetProperty("opened").GetArrayLength());
        Assert.All(
            answer.RootElement.GetProperty("devices").EnumerateArray().Select(device => device.GetString()),
            name => Assert.Contains(name, new[] { "full", "null", "random", "tty", "urandom", "zero", "console" }));
    }
}
