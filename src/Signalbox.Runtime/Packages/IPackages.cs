using System.Text.Json;
using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Packages;

/// <summary>Packages of a namespace, by the rules of the REST API; who may speak for the namespace is the caller's matter.</summary>
public interface IPackages
{
    /// <summary>The namespace's packages, bindings too, most recently changed first; at most 200.</summary>
    Task<IReadOnlyList<PackageSummary>> ListAsync(NamespaceIdentity caller, CancellationToken cancellationToken);

    /// <summary>Creates a package, or a binding, from the body of the REST API's PUT; 409 when the name is taken.</summary>
    Task<Outcome<PackageSummary>> CreateAsync(NamespaceIdentity caller, EntityName name, JsonElement body, CancellationToken cancellationToken);

    /// <summary>Removes an empty package; 409 while actions stand in it.</summary>
    Task<Outcome<PackageSummary>> DeleteAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken);
}
