using System.Runtime.InteropServices;

namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>
/// Writes the filter that the kernel runs on every call of an action: a program for its packet filter machine, in the
/// form that bubblewrap takes (<c>--add-seccomp-fd</c>). A refused call fails with an error that libraries know; code
/// of another architecture ends the process.
/// </summary>
internal sealed class SystemCallFilter
{
    private const uint Allow = 0x7FFF0000;
    private const uint KillProcess = 0x80000000;
    private const uint Error = 0x00050000;

    private const uint NotPermitted = Error | 1;
    private const uint NoSuchCall = Error | 38;
    private const uint ProtocolNotSupported = Error | 93;
    private const uint FamilyNotSupported = Error | 97;

    // Where the kernel puts what (struct seccomp_data); arguments are 64 bits, their low half first.
    private const uint NumberAt = 0;
    private const uint ArchitectureAt = 4;
    private const uint FirstArgumentAt = 16;

    private const uint X32Bit = 0x40000000;

    private const uint NamespaceFlags =
        0x00020000 // mount
        | 0x02000000 // control group
        | 0x04000000 // host name
        | 0x08000000 // ipc
        | 0x10000000 // user
        | 0x20000000 // process
        | 0x40000000; // network

    private const uint Unix = 1;
    private const uint Inet = 2;
    private const uint Inet6 = 10;
    private const uint Netlink = 16;
    private const uint RouteProtocol = 0;
    private const uint Tcp = 6;
    private const uint Udp = 17;

    private const uint TypeIntoTerminal = 0x5412;
    private const uint ConsoleSelection = 0x541C;
    private const uint AskPersonality = 0xFFFFFFFF;

    private readonly List<FilterInstruction> _program = [];
    private readonly FilterArchitecture _architecture;

    private SystemCallFilter(FilterArchitecture architecture)
    {
        _architecture = architecture;
    }

    /// <summary>The architecture of this machine; null when no filter is written for it.</summary>
    public static FilterArchitecture? OfThisMachine => RuntimeInformation.OSArchitecture switch
    {
        Architecture.X64 => FilterArchitecture.X64,
        Architecture.Arm64 => FilterArchitecture.Arm64,
        _ => null,
    };

    /// <param name="architecture">Whose numbers the calls have.</param>
    /// <param name="watchesMemory">True: memory is watched from outside, so <see cref="DeniedSystemCalls.UnwatchedMemory"/> is refused as well.</param>
    public static IReadOnlyList<FilterInstruction> For(FilterArchitecture architecture, bool watchesMemory = false)
    {
        var filter = new SystemCallFilter(architecture);
        filter.Write(watchesMemory ? [.. DeniedSystemCalls.Groups, DeniedSystemCalls.UnwatchedMemory] : DeniedSystemCalls.Groups);
        return filter._program;
    }

    /// <summary>The bytes that bubblewrap reads.</summary>
    public static byte[] Bytes(FilterArchitecture architecture, bool watchesMemory) =>
        MemoryMarshal.AsBytes(For(architecture, watchesMemory).ToArray().AsSpan()).ToArray();

    private void Write(IReadOnlyList<DeniedGroup> denied)
    {
        Add(FilterInstruction.Load, ArchitectureAt);
        When(FilterInstruction.JumpEqual, (uint)_architecture, orElse: KillProcess);
        Add(FilterInstruction.Load, NumberAt);
        if (_architecture == FilterArchitecture.X64)
        {
            // The x32 calls are numbered apart and would pass by the numbers below.
            Refuse(FilterInstruction.JumpGreaterOrEqual, X32Bit, KillProcess);
        }

        Refuse(FilterInstruction.JumpGreater, DeniedSystemCalls.LastReviewed, NoSuchCall);
        foreach (var number in denied.SelectMany(group => group.Calls).Select(call => call.Number(_architecture)).OfType<int>())
        {
            Refuse(FilterInstruction.JumpEqual, (uint)number, NotPermitted);
        }

        // clone3: its flags lie in memory, where a filter cannot look; the C library falls back to clone.
        Refuse(FilterInstruction.JumpEqual, 435, NoSuchCall);
        Examine(new SystemCall("clone", 56, 220), () =>
        {
            Argument(0);
            Refuse(FilterInstruction.JumpAnyBit, NamespaceFlags, NotPermitted);
        });
        Examine(new SystemCall("personality", 135, 92), () =>
        {
            Argument(0);
            AllowWhen(0);
            AllowWhen(AskPersonality);
            Answer(NotPermitted);
        });
        Examine(new SystemCall("ioctl", 16, 29), () =>
        {
            Argument(1);
            Refuse(FilterInstruction.JumpEqual, TypeIntoTerminal, NotPermitted);
            Refuse(FilterInstruction.JumpEqual, ConsoleSelection, NotPermitted);
        });
        Examine(new SystemCall("socketpair", 53, 199), () =>
        {
            Argument(0);
            AllowWhen(Unix);
            Answer(FamilyNotSupported);
        });
        Examine(new SystemCall("socket", 41, 198), WriteSocket);
        Answer(Allow);
    }

    /// <summary>Local sockets, TCP and UDP; and the routing socket, which libraries ask for the addresses they have.</summary>
    private void WriteSocket()
    {
        Argument(0);
        AllowWhen(Unix);
        Block(FilterInstruction.JumpEqual, Netlink, () =>
        {
            Argument(2);
            AllowWhen(RouteProtocol);
            Answer(ProtocolNotSupported);
        });
        Skip(FilterInstruction.JumpEqual, Inet, 2);
        Skip(FilterInstruction.JumpEqual, Inet6, 1);
        Answer(FamilyNotSupported);
        Argument(2);
        AllowWhen(0);
        AllowWhen(Tcp);
        AllowWhen(Udp);
        Answer(ProtocolNotSupported);
    }

    private void Argument(uint index) => Add(FilterInstruction.Load, FirstArgumentAt + (8 * index));

    private void Answer(uint verdict) => Add(FilterInstruction.Return, verdict);

    private void AllowWhen(uint value) => Refuse(FilterInstruction.JumpEqual, value, Allow);

    private void Refuse(ushort test, uint value, uint verdict)
    {
        _program.Add(new FilterInstruction(test, 0, 1, value));
        Answer(verdict);
    }

    private void When(ushort test, uint value, uint orElse)
    {
        Skip(test, value, 1);
        Answer(orElse);
    }

    private void Skip(ushort test, uint value, byte instructions) =>
        _program.Add(new FilterInstruction(test, instructions, 0, value));

    /// <summary>Looks at the arguments of one call; what the look does not refuse is allowed.</summary>
    private void Examine(SystemCall call, Action look)
    {
        if (call.Number(_architecture) is { } number)
        {
            Block(FilterInstruction.JumpEqual, (uint)number, () =>
            {
                look();
                Answer(Allow);
            });
        }
    }

    private void Block(ushort test, uint value, Action write)
    {
        var at = _program.Count;
        _program.Add(default);
        write();
        // A jump is one byte long: a longer block would be a bug, found by the first run of any test.
        _program[at] = new FilterInstruction(test, 0, checked((byte)(_program.Count - at - 1)), value);
    }

    private void Add(ushort code, uint value) => _program.Add(new FilterInstruction(code, 0, 0, value));
}
