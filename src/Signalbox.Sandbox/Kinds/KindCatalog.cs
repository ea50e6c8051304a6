using System.Diagnostics;
using Microsoft.Extensions.Logging;

namespace Signalbox.Sandbox.Kinds;

/// <summary>The kinds whose interpreters exist on this machine; no kind is listed that cannot run.</summary>
internal sealed partial class KindCatalog
{
    private const string NodeFamily = "nodejs";
    private const int NodeMajorSupportedMin = 20;

    private readonly Dictionary<string, Interpreter> _byName = new(StringComparer.Ordinal);

    private KindCatalog(IEnumerable<Interpreter> interpreters)
    {
        foreach (var interpreter in interpreters)
        {
            _byName[interpreter.Kind.Name] = interpreter;
            if (interpreter.Kind.IsDefault)
            {
                _byName[interpreter.Kind.Family + ":default"] = interpreter;
            }
        }

        Kinds = [.. interpreters.Select(interpreter => interpreter.Kind)];
    }

    public IReadOnlyList<SandboxKind> Kinds { get; }

    public IEnumerable<Interpreter> Defaults => _byName.Values.Where(found => found.Kind.IsDefault).Distinct();

    /// <summary>Files of the host that processes must be able to read.</summary>
    public IReadOnlyList<string> HostPaths => [.. _byName.Values.SelectMany(found => found.Libraries.Append(found.Path)).Distinct()];

    public Interpreter? Find(string kind) => _byName.GetValueOrDefault(kind);

    /// <summary>Asks every interpreter for its version: the machine's own first, which is the default when it is not deprecated.</summary>
    public static KindCatalog Probe(IReadOnlyList<SandboxInterpreter> configured, ILogger logger)
    {
        var found = new List<(int Major, string Version, string Path)>();
        if (Executable.Find("node") is { } own)
        {
            Add(own, null);
        }

        foreach (var interpreter in configured)
        {
            Add(interpreter.Path, interpreter.Kind);
        }

        var standard = found.FirstOrDefault(node => node.Major >= NodeMajorSupportedMin).Major;
        return new KindCatalog([.. found.Select(node => new Interpreter(
            new SandboxKind($"{NodeFamily}:{node.Major}", NodeFamily, node.Major == standard, node.Major < NodeMajorSupportedMin),
            node.Path,
            node.Version,
            SharedLibraries.Of(node.Path)))]);

        void Add(string path, string? expectedKind)
        {
            var version = Executable.Output(path, "--version").Trim();
            if (!version.StartsWith('v') || !int.TryParse(version.AsSpan(1).ToString().Split('.')[0], out var major))
            {
                Log.NoInterpreter(logger, path, version);
            }
            else if (expectedKind is not null && expectedKind != $"{NodeFamily}:{major}")
            {
                Log.OtherKind(logger, path, version, expectedKind);
            }
            else if (found.TrueForAll(node => node.Major != major))
            {
                found.Add((major, version, Executable.ResolveLinks(path)));
            }
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Path} is no Node.js interpreter: it answered '{Answer}' to --version")]
        public static partial void NoInterpreter(ILogger logger, string path, string answer);

        [LoggerMessage(2, LogLevel.Warning, "{Path} is Node.js {Version}, not {Kind} as configured; it is left out")]
        public static partial void OtherKind(ILogger logger, string path, string version, string kind);
    }
}
