using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Sequences;

/// <summary>What may be the component list of a sequence (OpenWhisk behaviour, section 4.1).</summary>
internal sealed class SequenceRules(ActionResolver resolver, EffectiveLimits limits)
{
    private static readonly Refusal _tooMany = Refusal.BadRequest("Too many actions in the sequence.");

    /// <summary>Why the exec cannot be saved under that name; null when it can, or is no sequence.</summary>
    public async ValueTask<Refusal?> FindFaultAsync(
        NamespaceIdentity caller, EntityName name, ActionExec? exec, CancellationToken cancellationToken)
    {
        if (exec is not { IsSequence: true })
        {
            return null;
        }

        if (exec.Components.Count == 0)
        {
            return Refusal.BadRequest("No component specified for the sequence.");
        }

        var walk = new Walk(caller, name);
        return await VisitAsync(walk, exec.Components, depth: 1, cancellationToken);
    }

    private async ValueTask<Refusal?> VisitAsync(
        Walk walk, IReadOnlyList<EntityName> components, int depth, CancellationToken cancellationToken)
    {
        if (depth > limits.SequenceLengthMax)
        {
            return _tooMany;
        }

        foreach (var component in components)
        {
            // Each step counts, so that sequences of sequences cannot make the walk itself long.
            if (++walk.Steps > limits.SequenceLengthMax * limits.SequenceLengthMax)
            {
                return _tooMany;
            }

            if (await VisitAsync(walk, component, depth, cancellationToken) is { } fault)
            {
                return fault;
            }
        }

        return null;
    }

    private async ValueTask<Refusal?> VisitAsync(Walk walk, EntityName component, int depth, CancellationToken cancellationToken)
    {
        if (component == walk.Name)
        {
            return Refusal.BadRequest("Sequence may not refer to itself.");
        }

        if ((await resolver.ResolveAsync(component, cancellationToken)).IsRefused(out _, out var action))
        {
            return Refusal.BadRequest("Sequence component does not exist.");
        }

        if (AccessRules.FindObjection(walk.Caller, action) is { } objection)
        {
            return objection;
        }

        if (action.Action.Name == walk.Name)
        {
            return Refusal.BadRequest("Sequence may not refer to itself.");
        }

        if (action.Action.Exec.IsSequence)
        {
            return await VisitAsync(walk, action.Action.Exec.Components, depth + 1, cancellationToken);
        }

        return ++walk.Atomics > limits.SequenceLengthMax ? _tooMany : null;
    }

    private sealed class Walk(NamespaceIdentity caller, EntityName name)
    {
        public NamespaceIdentity Caller { get; } = caller;

        public EntityName Name { get; } = name;

        public int Atomics { get; set; }

        public int Steps { get; set; }
    }
}
