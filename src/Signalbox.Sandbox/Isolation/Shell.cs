namespace Signalbox.Sandbox.Isolation;

/// <summary>Words of the shell's language.</summary>
internal static class Shell
{
    public static string Quote(string text) => "'" + text.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
}
