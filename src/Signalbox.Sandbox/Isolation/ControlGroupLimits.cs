namespace Signalbox.Sandbox.Isolation;

/// <summary>What the kernel holds one sandbox to.</summary>
/// <param name="MemoryMb">Memory, swap included.</param>
/// <param name="PidsMax">Processes and threads.</param>
/// <param name="ProcessorsMax">Processors that it can keep busy, such as 1.5; 0: no cap, only its weight counts.</param>
internal sealed record ControlGroupLimits(int MemoryMb, int PidsMax, double ProcessorsMax)
{
    /// <summary>The kernel's own period: a sandbox that has used up its time waits for the rest of one.</summary>
    public const long PeriodUs = 100_000;

    /// <summary>The kernel takes no less.</summary>
    private const long QuotaUsMin = 1_000;

    /// <summary>CPU time in each period.</summary>
    public long QuotaUs => Math.Max(QuotaUsMin, (long)(ProcessorsMax * PeriodUs));
}
