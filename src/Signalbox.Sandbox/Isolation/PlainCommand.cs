using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>Runs the interpreter as an ordinary process of the host, for development; only its limits hold.</summary>
internal sealed class PlainCommand : IProcessCommand
{
    private readonly string _launchers;
    private readonly string? _setpriv = Executable.Find("setpriv");

    public PlainCommand(string launchers)
    {
        _launchers = launchers;
    }

    public string CodeDirectory(ProcessFolder folder) => folder.CodeFolder;

    public IReadOnlyList<string> Build(Interpreter interpreter, ProcessFolder folder, int memoryMb)
    {
        // Without setpriv a process whose event loop hangs would outlive a killed server.
        string[] endWithServer = _setpriv is null ? [] : [_setpriv, "--pdeathsig", "KILL", "--no-new-privs"];
        var places = new LaunchPlaces
        {
            Interpreter = interpreter.Path,
            Launcher = Path.Combine(_launchers, interpreter.Manifest.Family),
            Code = folder.CodeFolder,
            Socket = folder.SocketPath,
            MemoryMb = memoryMb,
        };
        if (interpreter.Modules is not null)
        {
            folder.LinkModules(interpreter.Modules);
        }

        return
        [
            .. endWithServer, "/usr/bin/env",
            .. interpreter.Manifest.Environment.Select(variable => $"{variable.Key}={places.Fill(variable.Value)}"),
            .. places.Fill(interpreter.Manifest.Command),
        ];
    }
}
