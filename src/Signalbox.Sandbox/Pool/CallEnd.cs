namespace Signalbox.Sandbox.Pool;

/// <summary>How a load or a run ended in its process.</summary>
internal enum CallStatus
{
    /// <summary>The code is loaded, or the action answered <see cref="CallEnd.Result"/>.</summary>
    Done,

    /// <summary><see cref="CallEnd.Message"/> says why.</summary>
    Failed,

    Crashed,

    TimedOut,

    OutOfMemory,

    /// <summary>The process had ended before; nothing was run, so another process may run it.</summary>
    NotBegun,
}

/// <summary>The end of a load or of a run.</summary>
internal readonly record struct CallEnd(CallStatus Status, ReadOnlyMemory<byte> Result = default, string? Message = null);
