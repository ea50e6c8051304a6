namespace Signalbox.Sandbox.Protocol;

/// <summary>
/// What a frame says. On the wire: length of the rest (u32), type (u8), activation's number (u32), payload; all
/// little endian. The other side is the launcher of the kind.
/// </summary>
internal enum FrameType : byte
{
    /// <summary>To the launcher: length of the settings (u32), settings (JSON), code (text; empty for archives).</summary>
    Load = 1,

    /// <summary>To the launcher: length of the context (u32), context (JSON object of variables), arguments (JSON).</summary>
    Run = 2,

    /// <summary>As <see cref="Run"/>, with variables in the context that no frame before it had.</summary>
    RunWithNewVariables = 3,

    /// <summary>To the launcher: a question whether it still turns its event loop. No payload; optional for launchers.</summary>
    Ping = 4,

    /// <summary>
    /// To the launcher, before any code: a debugger wants in. It is to connect to the socket <c>d</c> beside its own and
    /// speak the inspector's protocol there. No payload; only for launchers whose manifest says so.
    /// </summary>
    Inspect = 5,

    /// <summary>The launcher is connected and waits for code. Payload: the interpreter's version.</summary>
    Ready = 10,

    /// <summary>The code is loaded. Payload: what the launcher compiled of source text, to be given to it again; or empty.</summary>
    Loaded = 11,

    /// <summary>The code cannot be loaded. Payload: the text of the error.</summary>
    LoadFailed = 12,

    /// <summary>One line: stream (u8), milliseconds since the frame that started it (f64), text.</summary>
    Log = 13,

    /// <summary>The end of a run. Payload: the JSON that the action answered.</summary>
    Answer = 14,

    /// <summary>The end of a run. Payload: the text of the error.</summary>
    RunFailed = 15,

    /// <summary>Lines were left out because of the log limit.</summary>
    LogsTruncated = 16,

    /// <summary>The answer to <see cref="Ping"/>.</summary>
    Pong = 17,

    /// <summary>
    /// The end of a run that broke in a way which makes the process unfit for more, though what else runs in it may
    /// come to its end.
    /// </summary>
    RunCrashed = 18,
}
