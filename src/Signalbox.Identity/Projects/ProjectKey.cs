using System.Globalization;

namespace Signalbox.Identity.Projects;

/// <summary>A project's place in the list, newest first; written <c>MILLISECONDS.ID</c> in addresses.</summary>
public readonly record struct ProjectKey(long CreatedMs, string Id)
{
    /// <summary>Null for a text that is no key, so that an old or mangled link shows the first page.</summary>
    public static ProjectKey? Parse(string? text) =>
        text?.Split('.') is [var created, { Length: > 0 } id] && long.TryParse(created, CultureInfo.InvariantCulture, out var milliseconds)
            ? new ProjectKey(milliseconds, id)
            : null;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{CreatedMs}.{Id}");
}
