using System.Text.Json.Nodes;

namespace Signalbox.Developer.Manifest;

/// <summary>What a folder's configuration says to deploy.</summary>
/// <param name="File">The file that it was read from.</param>
/// <param name="NotBuilt">What it asks for and Signalbox, or this command, does not do; one sentence each.</param>
internal sealed record ProjectManifest(string File, IReadOnlyList<ManifestPackage> Packages, IReadOnlyList<string> NotBuilt);

/// <summary>A package. The name <c>default</c> is that of no package.</summary>
internal sealed record ManifestPackage(
    string Name, JsonObject Inputs, JsonObject Annotations, IReadOnlyList<ManifestAction> Actions, IReadOnlyList<ManifestSequence> Sequences);

/// <summary>An action with code.</summary>
/// <param name="Function">Absolute path of a file, a folder or an archive.</param>
/// <param name="Kind">Such as <c>nodejs:20</c>.</param>
/// <param name="Limits">As the API takes them; null: the server's.</param>
/// <param name="Includes">Further files: a pattern, absolute, and the folder in the archive that they go to.</param>
internal sealed record ManifestAction(
    string Name,
    string Function,
    string Kind,
    string? Main,
    JsonObject Inputs,
    JsonObject Annotations,
    JsonObject? Limits,
    IReadOnlyList<(string Pattern, string Target)> Includes);

/// <summary>A sequence.</summary>
/// <param name="Components">As they are written, or with the package put before bare names.</param>
internal sealed record ManifestSequence(string Name, IReadOnlyList<string> Components, JsonObject Annotations);
