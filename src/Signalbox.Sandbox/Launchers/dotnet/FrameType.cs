namespace Signalbox.Launcher;

/// <summary>As the host's <c>Protocol/FrameType.cs</c>.</summary>
internal enum FrameType : byte
{
    Load = 1,
    Run = 2,
    RunWithNewVariables = 3,
    Ping = 4,
    Ready = 10,
    Loaded = 11,
    LoadFailed = 12,
    Log = 13,
    Answer = 14,
    RunFailed = 15,
    LogsTruncated = 16,
    Pong = 17,
}
