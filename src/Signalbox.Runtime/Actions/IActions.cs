using System.Text.Json;
using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>
/// Actions of a namespace, for whoever speaks for its user: the REST endpoints and the console. All rules hold here;
/// who may speak for the namespace is the caller's matter.
/// </summary>
public interface IActions
{
    /// <summary>The kinds of code that a new action may have, such as <c>nodejs:20</c>.</summary>
    IReadOnlyList<ActionKind> Kinds { get; }

    /// <summary>A page of the namespace's actions, by package and name, without code and parameters.</summary>
    Task<ActionListing> ListAsync(NamespaceIdentity caller, ActionQuery query, CancellationToken cancellationToken);

    /// <summary>One action with its code; through a binding too, as the REST API's GET has it.</summary>
    Task<Outcome<ActionDetails>> FindAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken);

    /// <summary>Creates an action, or replaces what the body names of one (OpenWhisk behaviour, section 1.5).</summary>
    /// <param name="body">The body of the REST API's PUT.</param>
    /// <param name="revision">
    /// Null: it must be new, else 409. Otherwise the state that the change was made from: 409 when somebody else changed it since.
    /// </param>
    Task<Outcome<ActionDetails>> SaveAsync(
        NamespaceIdentity caller, EntityName name, JsonElement body, long? revision, CancellationToken cancellationToken);

    Task<Outcome<ActionDetails>> DeleteAsync(NamespaceIdentity caller, EntityName name, CancellationToken cancellationToken);
}
