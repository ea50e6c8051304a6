namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>A call of the kernel and its number on each architecture; null where it does not exist.</summary>
internal readonly record struct SystemCall(string Name, int? X64, int? Arm64)
{
    /// <summary>A call that came after the architectures had agreed on one number.</summary>
    public SystemCall(string name, int number)
        : this(name, number, number)
    {
    }

    public int? Number(FilterArchitecture architecture) => architecture == FilterArchitecture.X64 ? X64 : Arm64;
}
