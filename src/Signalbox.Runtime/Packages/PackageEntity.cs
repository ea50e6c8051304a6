using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>A package, or (with <see cref="Binding"/>) a reference to one with parameters of its own.</summary>
internal sealed record PackageEntity : Entity
{
    /// <summary>The package that this one stands for; null for a real package.</summary>
    public EntityName? Binding { get; init; }
}
