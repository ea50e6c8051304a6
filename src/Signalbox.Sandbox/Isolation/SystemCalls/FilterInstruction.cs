using System.Runtime.InteropServices;

namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>One instruction of the kernel's packet filter machine (<c>struct sock_filter</c>, classic BPF).</summary>
[StructLayout(LayoutKind.Sequential, Pack = 1)]
internal readonly record struct FilterInstruction(ushort Code, byte JumpTrue, byte JumpFalse, uint Value)
{
    /// <summary>Loads 32 bits of the call's description.</summary>
    public const ushort Load = 0x20;

    public const ushort JumpEqual = 0x15;

    public const ushort JumpGreater = 0x25;

    public const ushort JumpGreaterOrEqual = 0x35;

    /// <summary>Jumps when any bit of the value is set.</summary>
    public const ushort JumpAnyBit = 0x45;

    public const ushort Return = 0x06;
}
