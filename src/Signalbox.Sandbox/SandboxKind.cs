namespace Signalbox.Sandbox;

/// <summary>A language runtime that this version knows.</summary>
/// <param name="Name">Such as <c>nodejs:20</c>.</param>
/// <param name="Family">Such as <c>nodejs</c>; <c>nodejs:default</c> means the family's default kind.</param>
/// <param name="IsDefault">True for one kind of each family.</param>
/// <param name="IsDeprecated">True: may be read and deleted, not created or invoked.</param>
public sealed record SandboxKind(string Name, string Family, bool IsDefault, bool IsDeprecated)
{
    /// <summary>True: an archive of this kind needs <c>main</c>.</summary>
    public bool RequiresMain { get; init; }

    /// <summary>Why this machine cannot run it, and what to do; null: it can.</summary>
    public string? Missing { get; init; }

    /// <summary>True: it can be created and invoked here.</summary>
    public bool IsSupported => Missing is null && !IsDeprecated;
}
