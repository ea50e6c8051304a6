using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Isolation;

/// <summary>How an interpreter is started: closed off, or plainly.</summary>
internal interface IProcessCommand
{
    /// <summary>Where the process finds its code.</summary>
    string CodeDirectory(ProcessFolder folder);

    /// <summary>The program and its arguments that run the kind's launcher with the given interpreter options.</summary>
    IReadOnlyList<string> Build(Interpreter interpreter, ProcessFolder folder, int memoryMb);
}
