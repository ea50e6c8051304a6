using System.Runtime.InteropServices;

namespace Signalbox.Sandbox;

/// <summary>What the C library offers and .NET does not.</summary>
internal static partial class NativeMethods
{
    /// <summary>0, or -1 when the folder is not empty or is in use.</summary>
    [LibraryImport("libc", EntryPoint = "rmdir", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int RemoveDirectory(string path);

    /// <summary>0, or -1 when the file system has no hard links.</summary>
    [LibraryImport("libc", EntryPoint = "link", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int HardLink(string existing, string created);

    /// <summary>0, or -1 when this user may not give files away.</summary>
    [LibraryImport("libc", EntryPoint = "lchown", StringMarshalling = StringMarshalling.Utf8)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int ChangeOwner(string path, uint user, uint group);

    /// <summary>Sends a signal; 0, or -1 when the process is gone.</summary>
    [LibraryImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int Signal(int pid, int signal);

    /// <summary>Sets a limit of another process of the same user; 0, or -1.</summary>
    [LibraryImport("libc", EntryPoint = "prlimit")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int SetLimit(int pid, int resource, in ResourceLimit limit, nint previous);

    /// <summary>Applies flags to a range of this process's descriptors; 0, or -1 on kernels before 5.11.</summary>
    [LibraryImport("libc", EntryPoint = "close_range")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    public static partial int CloseRange(uint first, uint last, uint flags);

    /// <summary>The C library's <c>struct rlimit</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public readonly record struct ResourceLimit(nuint Soft, nuint Hard);
}
