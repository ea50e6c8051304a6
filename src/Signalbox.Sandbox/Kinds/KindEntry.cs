namespace Signalbox.Sandbox.Kinds;

/// <summary>One kind of a family.</summary>
internal sealed record KindEntry
{
    /// <summary>Such as <c>nodejs:22</c>; <c>{minor}</c> stands for the found interpreter's own, such as 3.11.</summary>
    public required string Name { get; init; }

    /// <summary>How the interpreter's version begins: <c>22</c> fits 22.1.0, not 220.0.0. Null: any version.</summary>
    public string? Version { get; init; }

    public bool Deprecated { get; set; }

    /// <summary>The folder below the kind's with <c>package.json</c> and a lock file of modules that come with the kind.</summary>
    public string? Modules { get; init; }

    public bool Fits(string version) =>
        Version is null || version == Version || version.StartsWith(Version + ".", StringComparison.Ordinal);

    /// <summary>The name, with the version of the interpreter put in.</summary>
    public string NameFor(string version) =>
        Name.Replace("{minor}", string.Join('.', version.Split('.').Take(2)), StringComparison.Ordinal);
}
