using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;

namespace Signalbox.Sandbox.Kinds;

/// <summary>
/// The kinds of this version, and their interpreters: the machine's own when it fits, else one that is fetched when
/// the kind is first used.
/// </summary>
internal sealed partial class KindCatalog : IDisposable
{
    private static readonly TimeSpan _retryPause = TimeSpan.FromSeconds(30);

    private readonly SandboxOptions _options;
    private readonly RuntimeCache _cache;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Lock _gate = new();
    private readonly List<KnownKind> _known = [];
    private readonly Dictionary<string, KnownKind> _byName = new(StringComparer.Ordinal);

    private KindCatalog(SandboxOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _cache = new RuntimeCache(options.RuntimesDirectory ?? RuntimesDirectory.Default, new NpmClient(options.InstallTimeout));
    }

    public IReadOnlyList<SandboxKind> Kinds => [.. _known.Select(known => known.Kind)];

    public IReadOnlyList<KnownKind> Known => _known;

    public IEnumerable<KnownKind> PrestartedDefaults =>
        _known.Where(known => known.Kind.IsDefault && known.Folder.Manifest.Prestart && known.Found is not null);

    /// <summary>Looks for every kind's interpreter on this machine; fetches nothing.</summary>
    public static KindCatalog Probe(SandboxOptions options, TimeProvider time, ILogger logger)
    {
        var catalog = new KindCatalog(options, time, logger);
        var found = new ConcurrentDictionary<string, IReadOnlyList<FoundInterpreter>>(StringComparer.Ordinal);
        Parallel.ForEach(KindFolder.All, folder => found[folder.Name] = catalog.FindOwn(folder));
        foreach (var folder in KindFolder.All)
        {
            catalog.Add(folder, found[folder.Manifest.RunsOn ?? folder.Name]);
        }

        foreach (var known in catalog._known)
        {
            catalog._byName[known.Kind.Name] = known;
            if (known.Kind.IsDefault)
            {
                catalog._byName[known.Kind.Family + ":default"] = known;
            }
        }

        catalog.Any = catalog._known.Where(known => known.Found is not null).Select(known => known.Describe(known.Found!)).FirstOrDefault();
        return catalog;
    }

    /// <summary>The kind of that name; <c>family:default</c> is the family's default.</summary>
    public KnownKind? Find(string name) => _byName.GetValueOrDefault(name);

    /// <summary>An interpreter that is here, to try the isolation with; null: there is none.</summary>
    public Interpreter? Any { get; private set; }

    /// <summary>Files and folders of the host that processes must be able to read.</summary>
    public IReadOnlyList<string> HostPaths
    {
        get
        {
            var found = _known.Select(known => known.Found).OfType<FoundInterpreter>().Distinct().ToList();
            string[] executables = [.. found.Select(interpreter => interpreter.Executable)];
            return
            [
                .. executables.Concat(SharedLibraries.Of(executables)).Concat(found.SelectMany(interpreter => interpreter.Mounts)).Append(_cache.Root)
                    .Where(path => !path.StartsWith(_cache.Root + "/", StringComparison.Ordinal)).Distinct(),
            ];
        }
    }

    /// <summary>The interpreter with everything in place, fetched when it is not here yet.</summary>
    /// <exception cref="KindUnavailableException">It cannot be had; it is tried again after a pause.</exception>
    public Task<Interpreter> PrepareAsync(KnownKind known)
    {
        lock (_gate)
        {
            var mayRetry = known.Preparation is { IsFaulted: true } && _time.GetTimestamp() >= known.RetryAt;
            if (known.Preparation is null || mayRetry)
            {
                known.Preparation = Task.Run(() => PreparedAsync(known));
            }

            return known.Preparation;
        }
    }

    /// <summary>As <see cref="PrepareAsync"/>, and fetches a newer version of what was fetched before.</summary>
    /// <exception cref="KindUnavailableException">It cannot be had.</exception>
    public async Task<Interpreter> InstallAsync(KnownKind known)
    {
        if (!known.IsOwn && known.Kind.Missing is null)
        {
            known.Found = null;
        }

        return await PrepareAsync(known);
    }

    public void Dispose() => _cache.Dispose();

    private async Task<Interpreter> PreparedAsync(KnownKind known)
    {
        try
        {
            if (known.Kind.Missing is { } missing)
            {
                throw new KindUnavailableException(missing);
            }

            if (known.Found is { } found)
            {
                _cache.Hold(found.Executable);
            }

            // Another server may have removed what was found, before it was held.
            if (known.Found is null || !File.Exists(known.Found.Executable))
            {
                await FetchAsync(known);
            }

            var interpreter = known.Describe(known.Found!) with { Modules = await ModulesAsync(known) };
            known.Ready = interpreter;
            _cache.RemoveSuperseded(known.Folder);
            return interpreter;
        }
        catch (KindUnavailableException exception)
        {
            known.RetryAt = _time.GetTimestamp() + (long)(_retryPause.TotalSeconds * _time.TimestampFrequency);
            Log.Unavailable(_logger, known.Kind.Name, exception.Message);
            var own = _known.Find(other => other.IsOwn && other.Folder == known.Folder);
            throw new KindUnavailableException(
                $"Kind '{known.Kind.Name}' cannot be run here: {exception.Message}. 'signalbox runtimes install {known.Kind.Name}' tries again."
                + (own is null ? "" : $" This machine's own interpreter runs '{own.Kind.Name}'."),
                exception);
        }
    }

    private async Task FetchAsync(KnownKind known)
    {
        var package = RuntimeCache.PackageOf(known.Folder.Manifest.Install!);
        Log.Installing(_logger, known.Kind.Name, package, known.Entry.Version!);
        await _cache.InstallInterpreterAsync(known.Folder, known.Entry);
        var (executable, version) = _cache.FindInterpreter(known.Folder, known.Entry)
            ?? throw new KindUnavailableException($"the package {package}@{known.Entry.Version} holds no {known.Folder.Manifest.Install!.Executable}");
        _cache.Hold(executable);
        known.Found = new FoundInterpreter(executable, version, [], [], []);
        Log.Installed(_logger, known.Kind.Name, version);
    }

    /// <summary>The modules that come with the kind are a comfort: without them actions run that bring their own.</summary>
    private async Task<string?> ModulesAsync(KnownKind known)
    {
        if (_cache.ModulesFolder(known.Folder, known.Entry) is not { } modules)
        {
            return null;
        }

        try
        {
            if (!Directory.Exists(modules))
            {
                await _cache.InstallModulesAsync(known.Folder, known.Entry);
            }

            _cache.Hold(modules);
            return modules;
        }
        catch (KindUnavailableException exception)
        {
            Log.NoModules(_logger, known.Kind.Name, exception.Message);
            return null;
        }
    }

    private List<FoundInterpreter> FindOwn(KindFolder folder)
    {
        if (folder.FindScript is not { } script)
        {
            return [];
        }

        var found = new List<FoundInterpreter>();
        foreach (var configured in _options.Interpreters.Where(configured => configured.Kind.Split(':')[0] == folder.Name))
        {
            if (FoundInterpreter.Ask(script, configured.Path) is not { } interpreter)
            {
                Log.NoInterpreter(_logger, configured.Path, configured.Kind);
            }
            else if (!folder.Manifest.Kinds.Any(entry => entry.Fits(interpreter.Version) && entry.NameFor(interpreter.Version) == configured.Kind))
            {
                Log.OtherKind(_logger, configured.Path, interpreter.Version, configured.Kind);
            }
            else
            {
                found.Add(interpreter);
            }
        }

        return FoundInterpreter.Ask(script) is { } own ? [.. found, own] : found;
    }

    private void Add(KindFolder folder, IReadOnlyList<FoundInterpreter> own)
    {
        var manifest = folder.Manifest;
        // The machine's own is the last; what is configured comes before it.
        var standard = manifest.Kinds.FirstOrDefault(entry => !entry.Deprecated && own.Count > 0 && entry.Fits(own[^1].Version))
            ?? manifest.Kinds.First(entry => entry.Name == manifest.Default);
        foreach (var entry in manifest.Kinds)
        {
            var found = own.FirstOrDefault(interpreter => entry.Fits(interpreter.Version));
            var cached = found is null ? _cache.FindInterpreter(folder, entry) : null;
            var name = entry.NameFor(found?.Version ?? "");
            if (name.Contains(':', StringComparison.Ordinal) && name.EndsWith(':'))
            {
                continue;
            }

            var canBeFetched = manifest.Install is not null && _cache.CanInstall && !entry.Deprecated;
            _known.Add(new KnownKind
            {
                Kind = new SandboxKind(name, folder.Name, entry == standard, entry.Deprecated)
                {
                    RequiresMain = manifest.RequiresMain,
                    Missing = found is null && cached is null && !canBeFetched && !entry.Deprecated ? manifest.Remedy : null,
                },
                Folder = folder,
                Entry = entry,
                IsOwn = found is not null,
                Found = found ?? (cached is { } at ? new FoundInterpreter(at.Executable, at.Version, [], [], []) : null),
            });
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "{Path} (Sandbox:Interpreters) is no interpreter of {Kind}; it is left out")]
        public static partial void NoInterpreter(ILogger logger, string path, string kind);

        [LoggerMessage(2, LogLevel.Warning, "{Path} (Sandbox:Interpreters) is of version {Version}, not {Kind} as configured; it is left out")]
        public static partial void OtherKind(ILogger logger, string path, string version, string kind);

        [LoggerMessage(3, LogLevel.Information, "Installing {Kind}: npm install {Package}@{Version}")]
        public static partial void Installing(ILogger logger, string kind, string package, string version);

        [LoggerMessage(4, LogLevel.Information, "Installed {Kind}, version {Version}")]
        public static partial void Installed(ILogger logger, string kind, string version);

        [LoggerMessage(5, LogLevel.Warning, "Kind {Kind} is not available: {Reason}")]
        public static partial void Unavailable(ILogger logger, string kind, string reason);

        [LoggerMessage(6, LogLevel.Warning, "The modules that come with {Kind} are not available; actions must bring their own: {Reason}")]
        public static partial void NoModules(ILogger logger, string kind, string reason);
    }
}
