using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>A package without its parameters.</summary>
/// <param name="Binding">The package that it stands for; null for a real one.</param>
/// <param name="IsPublished">Everybody may read it and run its actions.</param>
public sealed record PackageSummary(EntityName Name, string Version, EntityName? Binding, bool IsPublished, DateTimeOffset UpdatedAt);
