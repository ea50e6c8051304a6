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

    /// <summary>The launcher is connected and waits for code. Payload: the interpreter's version.</summary>
    Ready = 10,

    /// <summary>The code is loaded.</summary>
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
}
