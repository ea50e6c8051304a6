using Signalbox.Identity;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Invocations;

/// <summary>Runs actions for whoever speaks for a namespace, by the rules and throttles of the REST API.</summary>
public interface IInvocations
{
    /// <summary>Starts a run; it goes on although nobody waits for it.</summary>
    /// <param name="payload">The arguments: a JSON object; empty for none.</param>
    Task<Outcome<StartedInvocation>> StartAsync(NamespaceIdentity caller, EntityName action, string payload, CancellationToken cancellationToken);
}
