using Microsoft.Extensions.Logging;
using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox;

/// <summary>How far this machine is with one kind.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="State">Where its interpreter is, or what is missing, in words.</param>
public sealed record KindState(SandboxKind Kind, string State);

/// <summary>The kinds of this machine, for the command line: a server need not run.</summary>
public sealed class RuntimeKinds
{
    private readonly KindCatalog _catalog;

    public RuntimeKinds(SandboxOptions options, TimeProvider time, ILogger<RuntimeKinds> logger)
    {
        _catalog = KindCatalog.Probe(options, time, logger);
    }

    public IReadOnlyList<KindState> List() => [.. _catalog.Known.Select(known => new KindState(known.Kind, StateOf(known)))];

    /// <summary>Fetches what the kind needs, newer versions included; the words say what there is now.</summary>
    /// <exception cref="KindUnavailableException">There is no such kind, or it cannot be had here.</exception>
    public async Task<string> InstallAsync(string name)
    {
        var known = _catalog.Find(name) ?? throw new KindUnavailableException(
            $"There is no kind '{name}'. There are: {string.Join(", ", _catalog.Kinds.Where(kind => !kind.IsDeprecated).Select(kind => kind.Name))}");
        if (known.Kind.IsDeprecated)
        {
            throw new KindUnavailableException($"Kind '{known.Kind.Name}' is deprecated: its actions can be read and deleted, not run");
        }

        var interpreter = await _catalog.InstallAsync(known);
        var modules = known.Entry.Modules is null ? "" : interpreter.Modules is null ? "; its modules could not be installed" : "; its modules are installed";
        return $"{known.Kind.Name}: version {interpreter.Version} at {interpreter.Path}{modules}";
    }

    private static string StateOf(KnownKind known) => known switch
    {
        { Kind.IsDeprecated: true } => "deprecated: its actions can be read and deleted, not run",
        { Found: { } found, IsOwn: true } => $"this machine's own, version {found.Version} at {found.Executable}",
        { Found: { } found } => $"installed, version {found.Version}",
        { Kind.Missing: { } missing } => $"not here: {missing}",
        _ => "installed when it is first used, or by 'signalbox runtimes install " + known.Kind.Name + "'",
    };
}
