namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Stops everything in a sandbox while no activation runs in it, so that an action does nothing after its answer, and
/// lets it go on for the next. Not for several threads at once.
/// </summary>
/// <remarks>
/// Signals, not the kernel's freezer: they need no right over control groups, and a stopped process can be killed, also
/// by the kernel when this server ends. Whoever is made while the others are being stopped is found by the next look;
/// a pause is firm when two looks in a row found the same.
/// </remarks>
internal sealed class ProcessPause
{
    private const int Stop = 19;
    private const int Continue = 18;

    private IReadOnlySet<int> _stopped = new HashSet<int>();

    /// <summary>True while processes are stopped.</summary>
    public bool IsOn => _stopped.Count > 0;

    /// <summary>True when nothing was left running.</summary>
    public bool IsFirm { get; private set; }

    /// <summary>Stops what was found. Look and call again, a moment later, until the pause is firm.</summary>
    public void Tighten(IReadOnlySet<int> found)
    {
        foreach (var pid in found)
        {
            _ = NativeMethods.Signal(pid, Stop);
        }

        IsFirm = found.SetEquals(_stopped);
        _stopped = found;
    }

    public void End()
    {
        foreach (var pid in _stopped)
        {
            _ = NativeMethods.Signal(pid, Continue);
        }

        _stopped = new HashSet<int>();
        IsFirm = false;
    }
}
