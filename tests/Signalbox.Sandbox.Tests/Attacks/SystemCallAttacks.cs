using System.Runtime.InteropServices;
using System.Text.Json;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Actions that bring a program of their own and ask the kernel directly.</summary>
public sealed class SystemCallAttacks : IClassFixture<AttackedPool>
{
    private const int NotPermitted = 1;
    private const int NoSuchCall = 38;
    private const int FamilyNotSupported = 97;

    /// <summary>Writes an executable of one system call, whose exit code is the error.</summary>
    private const string Program = """
        const fs = require('fs');
        const { spawnSync } = require('child_process');
        const u32 = (n) => { const b = Buffer.alloc(4); b.writeUInt32LE(n >>> 0); return b };
        const u64 = (n) => { const b = Buffer.alloc(8); b.writeBigUInt64LE(BigInt.asUintN(64, BigInt(n))); return b };
        const leave = Buffer.from([0x48, 0xf7, 0xd8, 0x89, 0xc7, 0xb8, 0xe7, 0, 0, 0, 0x0f, 0x05]);
        const registers = [[0x48, 0xbf], [0x48, 0xbe], [0x48, 0xba], [0x49, 0xba], [0x49, 0xb8], [0x49, 0xb9]];
        const call = (number, args) => Buffer.concat([Buffer.from([0x48, 0xb8]), u64(number),
          ...registers.flatMap((move, i) => [Buffer.from(move), u64(args[i] ?? 0)]), Buffer.from([0x0f, 0x05]), leave]);
        const call32 = (number) => Buffer.concat([Buffer.from([0xb8]), u32(number), Buffer.from([0xcd, 0x80]), leave]);
        let programs = 0;
        function run(code) {
          const size = 0x78 + code.length;
          const elf = Buffer.concat([Buffer.from('7f454c46020101000000000000000000', 'hex'), Buffer.from([2, 0, 62, 0]), u32(1), u64(0x400078), u64(64), u64(0), u32(0),
            Buffer.from([64, 0, 56, 0, 1, 0, 0, 0, 0, 0, 0, 0]), u32(1), u32(5), u64(0), u64(0x400000), u64(0x400000), u64(size), u64(size), u64(0x1000), code]);
          const path = '/tmp/call' + ++programs;
          fs.writeFileSync(path, elf, { mode: 0o755 });
          const { status, signal } = spawnSync(path);
          fs.unlinkSync(path);
          return signal ?? status;
        }
        function main({ calls }) { return calls.map(([number, ...args]) => number < 0 ? run(call32(-number)) : run(call(number, args))) }
        """;

    private readonly AttackedPool _attacked;

    public SystemCallAttacks(AttackedPool attacked)
    {
        _attacked = attacked;
    }

    [Fact]
    public async Task Ask_the_kernel_for_what_no_runtime_needs()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The program is written for x86-64.");
        (long[] Call, int Error)[] attacks =
        [
            ([39], -1), // getpid: proves that the program works; its answer is a number
            ([165], NotPermitted), // mount
            ([155], NotPermitted), // pivot_root
            ([272, 0x10000000], NotPermitted), // unshare a user namespace
            ([308, 1], NotPermitted), // setns
            ([101, 0], NotPermitted), // ptrace
            ([310, 1], NotPermitted), // process_vm_readv
            ([321, 0], NotPermitted), // bpf
            ([250, 0], NotPermitted), // keyctl
            ([298, 0], NotPermitted), // perf_event_open
            ([323, 0], NotPermitted), // userfaultfd
            ([425, 1], NotPermitted), // io_uring_setup
            ([304, 0], NotPermitted), // open_by_handle_at
            ([175, 0], NotPermitted), // init_module
            ([169, 0], NotPermitted), // reboot
            ([161, 0], NotPermitted), // chroot
            ([56, 0x10000011], NotPermitted), // clone with a user namespace
            ([435, 0, 0], NoSuchCall), // clone3
            ([463], NoSuchCall), // newer than the list
            ([41, 17, 3, 0], FamilyNotSupported), // packets
            ([41, 40, 1, 0], FamilyNotSupported), // the hypervisor's sockets
            ([105, 0], 22), // setuid to a user that the namespace does not have
            ([135, 0x0040000], NotPermitted), // personality
            ([16, 0, 0x5412], NotPermitted), // ioctl: type into a terminal
            ([16, 0, 0x1_0000_5412], NotPermitted), // the same, with bits that the kernel does not look at
            ([248, 0], NotPermitted), // add_key
            ([278, 0], NotPermitted), // vmsplice
            ([438, 3, 0], NotPermitted), // pidfd_getfd
            ([133, 0, 0x2000, 0], 14), // mknod: a device; the path is looked at first
        ];
        var outcome = await _attacked.AttackAsync(Program, JsonSerializer.Serialize(new { calls = attacks.Select(attack => attack.Call) }));
        var answers = JsonSerializer.Deserialize<JsonElement[]>(outcome.Answer())!;
        Assert.All(attacks.Zip(answers), pair =>
        {
            if (pair.First.Error >= 0)
            {
                Assert.Equal((pair.First.Call[0], pair.First.Error.ToString()), (pair.First.Call[0], pair.Second.ToString()));
            }
        });
    }

    [Fact]
    public async Task Call_by_the_numbers_of_another_processor()
    {
        Assert.SkipUnless(RuntimeInformation.OSArchitecture == Architecture.X64, "The program is written for x86-64.");
        // 32-bit getpid, and x32 getpid: no error comes back, the process is ended.
        var outcome = await _attacked.AttackAsync(Program, """{"calls":[[-20],[1073741863]]}""");
        Assert.All(JsonSerializer.Deserialize<string[]>(outcome.Answer())!, ended => Assert.Contains(ended, new[] { "SIGSYS", "SIGSEGV" }));
    }

    /// <summary>A set-user-id file works nowhere inside, and there is no other user to become.</summary>
    [Fact]
    public async Task Become_another_user()
    {
        var outcome = await _attacked.AttackAsync("""
            const fs = require('fs');
            function main() {
              fs.copyFileSync(process.execPath.length > 0 ? '/proc/self/comm' : '', '/tmp/suid');
              fs.chmodSync('/tmp/suid', 0o4755);
              const tried = [];
              for (const [name, id] of [['setuid', 0], ['setgid', 0], ['setgroups', [0]], ['seteuid', 0]]) { try { process[name](id); tried.push(name) } catch { } }
              const options = fs.readFileSync('/proc/self/mounts', 'utf8').split('\n').filter((line) => line.length > 0 && !/nosuid/.test(line.split(' ')[3])).map((line) => line.split(' ')[1]);
              return { tried, uid: process.getuid(), suidMounts: options.length };
            }
            """);
        Assert.Equal("""{"tried":[],"uid":1000,"suidMounts":0}""", outcome.Answer());
    }
}
