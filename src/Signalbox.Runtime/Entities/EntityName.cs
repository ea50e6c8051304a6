namespace Signalbox.Runtime.Entities;

/// <summary>
/// Where an entity stands: <c>ns/name</c>, or <c>ns/package/name</c>. Actions, packages, triggers and rules of a
/// namespace share one set of names (OpenWhisk behaviour, section 1.4).
/// </summary>
internal readonly record struct EntityName(string Namespace, string? Package, string Name)
{
    /// <summary><c>ns</c> or <c>ns/package</c>: the <c>namespace</c> member of entities.</summary>
    public string ParentPath => Package is null ? Namespace : $"{Namespace}/{Package}";

    /// <summary>Without a slash in front.</summary>
    public string Path => Package is null ? $"{Namespace}/{Name}" : $"{Namespace}/{Package}/{Name}";

    /// <summary>The name of the package that it stands in, or null in the default package.</summary>
    public EntityName? PackageName => Package is null ? null : new EntityName(Namespace, null, Package);

    /// <summary>With a slash in front, as sequences list their components.</summary>
    public override string ToString() => "/" + Path;
}
