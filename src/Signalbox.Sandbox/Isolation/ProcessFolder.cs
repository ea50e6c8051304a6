namespace Signalbox.Sandbox.Isolation;

/// <summary>The files of one process on the host: its socket, the code it sees, and what it printed outside of activations.</summary>
internal sealed class ProcessFolder
{
    private const int OutputTailBytes = 16 * 1024;

    /// <param name="root">Where the folder lies.</param>
    /// <param name="shortRoot">The same folder by a name that is short enough for a socket's address.</param>
    /// <param name="number">Tells this server's processes apart.</param>
    public ProcessFolder(string root, string shortRoot, int number)
    {
        Root = root;
        SocketPath = Path.Combine(shortRoot, "io", "s");
        InspectorPath = Path.Combine(shortRoot, "io", "d");
        Number = number;
        CreatePrivate(Root);
        Directory.CreateDirectory(SocketFolder);
        Directory.CreateDirectory(CodeFolder);
        File.WriteAllBytes(OutputPath, []);
    }

    public string Root { get; }

    /// <summary>Tells this server's processes apart, in the order of their start.</summary>
    public int Number { get; }

    public string SocketFolder => Path.Combine(Root, "io");

    public string SocketPath { get; }

    /// <summary>The socket for a debugger; there is none unless one is about to attach.</summary>
    public string InspectorPath { get; }

    public string CodeFolder => Path.Combine(Root, "code");

    public string OutputPath => Path.Combine(Root, "out");

    /// <summary>Shows a folder of modules beside the code, where Node.js looks after the code's own.</summary>
    public void LinkModules(string modules) => Directory.CreateSymbolicLink(Path.Combine(Root, "node_modules"), modules);

    /// <summary>The end of what the process printed to its raw streams: the interpreter's own last words.</summary>
    public string ReadOutputTail()
    {
        try
        {
            using var file = File.OpenRead(OutputPath);
            file.Seek(-Math.Min(OutputTailBytes, file.Length), SeekOrigin.End);
            using var reader = new StreamReader(file);
            return reader.ReadToEnd();
        }
        catch (IOException)
        {
            return "";
        }
    }

    private static void CreatePrivate(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
        }
        else
        {
            Directory.CreateDirectory(folder, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        }
    }

    public void Delete()
    {
        try
        {
            Directory.Delete(Root, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Emptied with the work directory at the next start.
        }
    }
}
