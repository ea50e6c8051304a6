namespace Signalbox.Sandbox.Isolation;

/// <summary>The files of one process on the host: its socket, the code it sees, and what it printed outside of activations.</summary>
internal sealed class ProcessFolder
{
    private const int OutputTailBytes = 16 * 1024;

    private readonly string _root;

    public ProcessFolder(string root)
    {
        _root = root;
        Directory.CreateDirectory(SocketFolder);
        Directory.CreateDirectory(CodeFolder);
        File.WriteAllBytes(OutputPath, []);
    }

    public string SocketFolder => Path.Combine(_root, "io");

    public string SocketPath => Path.Combine(SocketFolder, "s");

    public string CodeFolder => Path.Combine(_root, "code");

    public string OutputPath => Path.Combine(_root, "out");

    /// <summary>Shows a folder of modules beside the code, where Node.js looks after the code's own.</summary>
    public void LinkModules(string modules) => Directory.CreateSymbolicLink(Path.Combine(_root, "node_modules"), modules);

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

    public void Delete()
    {
        try
        {
            Directory.Delete(_root, recursive: true);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Emptied with the work directory at the next start.
        }
    }
}
