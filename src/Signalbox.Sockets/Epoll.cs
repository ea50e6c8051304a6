using System.ComponentModel;
using System.Runtime.InteropServices;

namespace Signalbox.Sockets;

/// <summary>The kernel's readiness queue. Any thread may add and change; one thread waits.</summary>
internal sealed unsafe partial class Epoll : IDisposable
{
    private const int CloseOnExec = 0x80000;
    private const int Add = 1;
    private const int Remove = 2;
    private const int Modify = 3;
    private const int Interrupted = 4;
    private const int NoSuchEntry = 2;

    /// <summary>The kernel packs its events on x86-64 alone: the interest (u32), then the key (u64).</summary>
    private static readonly bool _isPacked = RuntimeInformation.ProcessArchitecture == Architecture.X64;
    private static readonly int _keyOffset = _isPacked ? 4 : 8;
    private static readonly int _stride = _isPacked ? 12 : 16;

    private readonly int _descriptor;
    private readonly byte[] _events;
    private readonly int _countMax;

    public Epoll(int countMax)
    {
        _descriptor = Create(CloseOnExec);
        if (_descriptor < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError(), "The kernel refused a readiness queue (epoll)");
        }

        _countMax = countMax;
        _events = GC.AllocateArray<byte>(countMax * 16, pinned: true);
    }

    /// <summary>Waits without end for something to be ready; the number of events, which <see cref="Read"/> tells.</summary>
    public int Wait()
    {
        fixed (byte* events = _events)
        {
            var count = Wait(_descriptor, events, _countMax, -1);
            if (count >= 0)
            {
                return count;
            }
        }

        var error = Marshal.GetLastPInvokeError();
        return error == Interrupted ? 0 : throw new Win32Exception(error, "Waiting for sockets (epoll) failed");
    }

    /// <summary>One event of the last wait.</summary>
    public (Readiness Readiness, long Key) Read(int index)
    {
        var span = _events.AsSpan(index * _stride);
        return ((Readiness)MemoryMarshal.Read<uint>(span), MemoryMarshal.Read<long>(span[_keyOffset..]));
    }

    public void Watch(int descriptor, long key, Readiness interest) => Control(Add, descriptor, key, interest);

    public void Change(int descriptor, long key, Readiness interest) => Control(Modify, descriptor, key, interest);

    public void Forget(int descriptor) => Control(Remove, descriptor, 0, Readiness.None);

    public void Dispose() => Close(_descriptor);

    private void Control(int operation, int descriptor, long key, Readiness interest)
    {
        Span<byte> change = stackalloc byte[16];
        var bits = (uint)interest;
        MemoryMarshal.Write(change, in bits);
        MemoryMarshal.Write(change[_keyOffset..], in key);
        fixed (byte* bytes = change)
        {
            if (Control(_descriptor, operation, descriptor, bytes) == 0)
            {
                return;
            }
        }

        var error = Marshal.GetLastPInvokeError();
        if (operation == Add || error != NoSuchEntry)
        {
            throw new Win32Exception(error, "The kernel refused to watch a socket (epoll)");
        }
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_wait", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Wait(int epoll, byte* events, int countMax, int timeoutMs);

    [LibraryImport("libc", EntryPoint = "epoll_ctl", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Control(int epoll, int operation, int descriptor, byte* change);

    [LibraryImport("libc", EntryPoint = "close")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int Close(int descriptor);
}
