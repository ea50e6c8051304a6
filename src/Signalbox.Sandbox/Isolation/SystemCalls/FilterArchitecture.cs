namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>A processor that filters are written for; the value is the kernel's <c>AUDIT_ARCH_*</c>.</summary>
internal enum FilterArchitecture : uint
{
    X64 = 0xC000003E,
    Arm64 = 0xC00000B7,
}
