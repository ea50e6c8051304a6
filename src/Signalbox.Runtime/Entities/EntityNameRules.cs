using System.Text.RegularExpressions;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Entities;

/// <summary>Which names are allowed, and how they are written in bodies (OpenWhisk behaviour, section 1.3).</summary>
internal static partial class EntityNameRules
{
    public const int LengthMax = 256;

    private const string TooFewSegments =
        "requirement failed: The fully qualified name of the entity must contain at least the namespace and the name of the entity.";

    /// <summary>Why the text is no entity name; null when it is one.</summary>
    public static Refusal? FindFault(string name) =>
        name.Length > LengthMax
            // The misspelling is upstream's, and clients' tests know it.
            ? Refusal.BadRequest($"Name segement longer than allowed: {name.Length} > {LengthMax}.")
            : SegmentPattern().IsMatch(name) ? null : Refusal.BadRequest("The name of the entity contains illegal characters.");

    public static Refusal? FindNamespaceFault(string name) =>
        name.Length > LengthMax
            ? Refusal.BadRequest($"Namespace longer than allowed: {name.Length} > {LengthMax}.")
            : SegmentPattern().IsMatch(name) ? null : Refusal.BadRequest("The namespace contains illegal characters.");

    public static bool IsName(string name) => SegmentPattern().IsMatch(name);

    /// <summary>Reads <c>/ns/[package/]name</c>; <c>_</c> is the caller's namespace, <c>default</c> no package.</summary>
    public static Outcome<EntityName> ParseQualified(string text, string callerNamespace)
    {
        var segments = text.TrimStart('/').Split('/');
        if (segments.Length is < 2 or > 3)
        {
            return Refusal.Malformed(TooFewSegments);
        }

        var @namespace = segments[0] == "_" ? callerNamespace : segments[0];
        if (FindNamespaceFault(@namespace) is { } badNamespace)
        {
            return Refusal.Malformed(badNamespace.Error);
        }

        foreach (var segment in segments.AsSpan(1))
        {
            if (FindFault(segment) is { } fault)
            {
                return Refusal.Malformed(fault.Error);
            }
        }

        return segments.Length == 2
            ? new EntityName(@namespace, null, segments[1])
            : new EntityName(@namespace, segments[1] == "default" ? null : segments[1], segments[2]);
    }

    [GeneratedRegex(@"\A([A-Za-z0-9_]|[A-Za-z0-9_][A-Za-z0-9_@ .&-]{0,254}[A-Za-z0-9_@.&-])\z", RegexOptions.CultureInvariant)]
    private static partial Regex SegmentPattern();
}
