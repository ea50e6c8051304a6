namespace Signalbox.Sandbox.Kinds;

/// <summary>What <c>kind.json</c> in a kind's folder says; <c>docs/kinds.md</c> explains it to contributors.</summary>
/// <remarks>What may be left out has a setter: the generated reader would set absent <c>init</c> properties to null.</remarks>
internal sealed record KindManifest
{
    /// <summary>The folder's name, and the family that <c>family:default</c> names.</summary>
    public required string Family { get; init; }

    public required IReadOnlyList<KindEntry> Kinds { get; init; }

    /// <summary>The default when the machine's own interpreter is of no kind that is supported.</summary>
    public required string Default { get; init; }

    /// <summary>What to do when there is no interpreter, as the end of a sentence.</summary>
    public required string Remedy { get; init; }

    /// <summary>The family whose interpreter runs the launcher; null: the one that <c>find.sh</c> finds.</summary>
    public string? RunsOn { get; init; }

    /// <summary>Where the sandbox shows the interpreter; null: where it is on the host.</summary>
    public string? InterpreterPath { get; init; }

    /// <summary>The launcher's command line, with <see cref="LaunchPlaces"/> in braces.</summary>
    public required IReadOnlyList<string> Command { get; init; }

    /// <summary>Variables of the launcher's process, with <see cref="LaunchPlaces"/> in braces.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; set; } = new Dictionary<string, string>();

    /// <summary>Paths of the host that the sandbox shows, where they exist, besides what <c>find.sh</c> names.</summary>
    public IReadOnlyList<string> Mounts { get; set; } = [];

    /// <summary>How to fetch interpreters that the machine does not have; null: the machine's own only.</summary>
    public KindInstall? Install { get; init; }

    /// <summary>The file that source text is written to, for the launcher to find; the first whose pattern matches.</summary>
    public IReadOnlyList<SourceFile> SourceFiles { get; set; } = [];

    /// <summary>
    /// The file in which the launcher finds what it made of the same source text before, and gave back with its
    /// loaded frame; null: it does not compile.
    /// </summary>
    public string? CompiledFile { get; init; }

    /// <summary>Activations that one process can run at once, whatever the action's limit says.</summary>
    public int ConcurrencyMax { get; set; } = 500;

    /// <summary>True: processes of the default kind are started ahead.</summary>
    public bool Prestart { get; set; }

    /// <summary>True: the launcher lets a debugger in when it gets an inspect frame.</summary>
    public bool Inspects { get; set; }

    /// <summary>True: an archive needs <c>main</c>.</summary>
    public bool RequiresMain { get; set; }
}
