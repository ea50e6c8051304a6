using System.Text;
using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;
using Signalbox.Sockets;

namespace Signalbox.Runtime.Invocations;

/// <summary>Invocations that are asked for in process; their records are always kept.</summary>
internal sealed class RequestedInvocations(InvocationDesk desk, ActionResolver resolver, IActionSandbox sandbox, EffectiveLimits limits)
    : IInvocations
{
    public async Task<Outcome<StartedInvocation>> StartAsync(
        NamespaceIdentity caller, EntityName action, string payload, CancellationToken cancellationToken)
    {
        if ((await PrepareAsync(caller, action, payload, cancellationToken)).IsRefused(out var refusal, out var invocation))
        {
            return refusal;
        }

        refusal = desk.Count(caller.Name, isExempt: false);
        if (refusal is not null
            || desk.Admit(caller.Name, isExempt: false).IsRefused(out refusal, out var admission)
            || desk.Start(admission, invocation).IsRefused(out refusal, out var running))
        {
            return refusal;
        }

        return new StartedInvocation(invocation.ActivationId, DescribeAsync(running));
    }

    private async Task<Outcome<Invocation>> PrepareAsync(
        NamespaceIdentity caller, EntityName name, string payload, CancellationToken cancellationToken)
    {
        var bytes = Encoding.UTF8.GetBytes(string.IsNullOrWhiteSpace(payload) ? "{}" : payload);
        if (bytes.Length > limits.PayloadBytesMax)
        {
            return Refusal.TooLarge("Request", bytes.Length, limits.PayloadBytesMax);
        }

        if (RequestBodies.CheckObject(bytes).IsRefused(out var refusal, out var arguments)
            || (await resolver.ResolveAsync(name, cancellationToken)).IsRefused(out refusal, out var action))
        {
            return refusal;
        }

        var objection = AccessRules.FindObjection(caller, action)
            ?? KindRules.FindDeprecation(action.Action.Exec.Kind, sandbox.Kinds)
            ?? (action.NamesFinalParameter(arguments.Span) ? Refusal.ReservedParameters : null);
        return objection is not null
            ? objection
            : desk.Prepare(caller, action, arguments, TransactionId.Draw(), isBlocking: true, alwaysStore: true);
    }

    private static async Task<ActivationRecord> DescribeAsync(Task<Activation> running)
    {
        var activation = await running;
        // The answer came on an event loop, and nobody knows what the caller goes on with.
        await PoolThread.Switch();
        return ActivationBrowser.Describe(activation);
    }
}
