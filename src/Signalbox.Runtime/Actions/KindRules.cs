using Signalbox.Runtime.Edge;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Actions;

/// <summary>Which kinds of code this server runs (OpenWhisk behaviour, section 1.5).</summary>
internal static class KindRules
{
    /// <summary>The real kind for what a PUT names: lower case, and <c>X:default</c> resolved.</summary>
    public static Outcome<string> Resolve(string given, IReadOnlyList<SandboxKind> kinds)
    {
        var name = given.Trim().ToLowerInvariant();
        var family = name.EndsWith(":default", StringComparison.Ordinal) ? name[..^":default".Length] : name;
        var found = kinds.FirstOrDefault(kind => kind.Name == name)
            ?? kinds.FirstOrDefault(kind => kind.Family == family && kind.IsDefault);
        if (found is null or { IsDeprecated: false, Missing: not null })
        {
            return Refusal.Malformed(
                $"The specified runtime '{given}' is not supported by this platform. Valid values are: "
                + string.Join(", ", kinds.Where(kind => kind.IsSupported).Select(kind => $"'{kind.Name}'")) + "."
                + (found?.Missing is { } remedy ? $" To have '{found.Name}': {remedy}." : ""));
        }

        return FindDeprecation(found.Name, kinds) is { } refusal ? refusal : found.Name;
    }

    public static Refusal? FindDeprecation(string kind, IReadOnlyList<SandboxKind> kinds)
    {
        foreach (var known in kinds)
        {
            if (known.Name == kind && known.IsDeprecated)
            {
                return Refusal.BadRequest(
                    $"The '{kind}' runtime is no longer supported. You may read and delete but not update or invoke this action.");
            }
        }

        return null;
    }
}
