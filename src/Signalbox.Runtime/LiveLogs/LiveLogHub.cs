using System.Collections.Immutable;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>
/// Hands lines to those who watch a namespace, as they are printed. Without watchers a line costs one look at an
/// empty array. Nobody who prints ever waits for somebody who reads: see <see cref="LogSubscription"/>.
/// </summary>
internal sealed class LiveLogHub(RuntimeOptions options) : ILogListener, ILiveLogs
{
    private readonly Lock _gate = new();
    private ImmutableArray<LogSubscription> _subscriptions = [];

    public void OnLine(SandboxedAction action, SandboxRequest request, LogLine line)
    {
        if (!_subscriptions.IsEmpty)
        {
            Publish(action.Owner, LiveLogEntry.Line(request.Context["action_name"], request.ActivationId, line));
        }
    }

    /// <summary>A line of an action that this server runs itself.</summary>
    public void OnLine(string @namespace, EntityName action, string activationId, LogLine line)
    {
        if (!_subscriptions.IsEmpty)
        {
            Publish(@namespace, LiveLogEntry.Line(action.ToString(), activationId, line));
        }
    }

    /// <summary>An activation is over, and its record is about to be stored.</summary>
    public void OnEnd(EntityName action, Activation activation)
    {
        if (!_subscriptions.IsEmpty)
        {
            Publish(activation.Namespace, LiveLogEntry.End(action.ToString(), activation));
        }
    }

    Outcome<LiveLogFeed> ILiveLogs.Follow(string @namespace, EntityName? action) =>
        Subscribe(@namespace, action).IsRefused(out var refusal, out var subscription) ? refusal : new LiveLogFeed(subscription);

    /// <summary>Watches a namespace, or one action of it, until the subscription is disposed.</summary>
    public Outcome<LogSubscription> Subscribe(string @namespace, EntityName? action)
    {
        lock (_gate)
        {
            if (_subscriptions.Count(other => other.Namespace == @namespace) >= options.LogStreamsPerNamespaceMax)
            {
                return new Refusal(429, $"Too many log streams of namespace '{@namespace}': {options.LogStreamsPerNamespaceMax} are open. "
                    + "Close one, or raise Runtime:LogStreamsPerNamespaceMax.");
            }

            var subscription = new LogSubscription(@namespace, action?.ToString(), options.LogStreamQueueLength, Remove);
            _subscriptions = _subscriptions.Add(subscription);
            return subscription;
        }
    }

    private void Remove(LogSubscription subscription)
    {
        lock (_gate)
        {
            _subscriptions = _subscriptions.Remove(subscription);
        }
    }

    private void Publish(string @namespace, LiveLogEntry entry)
    {
        foreach (var subscription in _subscriptions)
        {
            subscription.Offer(@namespace, entry);
        }
    }
}
