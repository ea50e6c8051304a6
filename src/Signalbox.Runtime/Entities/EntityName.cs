using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Entities;

/// <summary>
/// Where an entity stands: <c>ns/name</c>, or <c>ns/package/name</c>. Actions, packages, triggers and rules of a
/// namespace share one set of names (OpenWhisk behaviour, section 1.4).
/// </summary>
public readonly record struct EntityName(string Namespace, string? Package, string Name)
{
    /// <summary><c>ns</c> or <c>ns/package</c>: the <c>namespace</c> member of entities.</summary>
    public string ParentPath => Package is null ? Namespace : $"{Namespace}/{Package}";

    /// <summary>Without a slash in front.</summary>
    public string Path => Package is null ? $"{Namespace}/{Name}" : $"{Namespace}/{Package}/{Name}";

    /// <summary>The name of the package that it stands in, or null in the default package.</summary>
    public EntityName? PackageName => Package is null ? null : new EntityName(Namespace, null, Package);

    /// <summary>Reads <c>name</c> or <c>package/name</c> of a namespace, or says what is wrong with it.</summary>
    public static Outcome<EntityName> Parse(string @namespace, string title)
    {
        var segments = title.Split('/');
        if (segments.Length > 2)
        {
            return Refusal.BadRequest($"'{title}' is neither 'name' nor 'package/name'.");
        }

        foreach (var segment in segments)
        {
            if (EntityNameRules.FindFault(segment) is { } fault)
            {
                return fault;
            }
        }

        return new EntityName(@namespace, segments.Length == 2 && segments[0] != "default" ? segments[0] : null, segments[^1]);
    }

    /// <summary>With a slash in front, as sequences list their components.</summary>
    public override string ToString() => "/" + Path;
}
