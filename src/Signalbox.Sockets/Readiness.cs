namespace Signalbox.Sockets;

/// <summary>What a socket is ready for, in the kernel's bits.</summary>
[Flags]
internal enum Readiness : uint
{
    None = 0,
    Readable = 0x1,
    Writable = 0x4,

    /// <summary>The connection broke. Told unasked.</summary>
    Broken = 0x8,

    /// <summary>Both directions are closed. Told unasked.</summary>
    HungUp = 0x10,
}
