using Microsoft.AspNetCore.Http;
using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Invocations;

/// <summary>
/// Where invocations from outside are admitted: counted when they are asked for, given a place when they have come whole,
/// then started. What has started runs to its end and is recorded, whether the caller goes on waiting or not.
/// </summary>
internal sealed class InvocationDesk(
    NamespaceThrottle throttle, InFlightInvocations inFlight, Invoker invoker, TimeProvider clock)
{
    private const int TraceParentLength = 55;

    /// <summary>
    /// Counts a request for an invocation, or says why it would not start now: before its body is read, so that refusing is cheap.
    /// </summary>
    /// <param name="isExempt">For this server's own event deliveries.</param>
    public Refusal? Count(string @namespace, bool isExempt) => isExempt ? null : throttle.Count(@namespace);

    /// <summary>Takes a place in the throttle for one invocation, or says why there is none.</summary>
    /// <param name="isExempt">For this server's own event deliveries.</param>
    public Outcome<Admission> Admit(string @namespace, bool isExempt) =>
        isExempt ? new Admission(null, @namespace)
        : throttle.TryEnter(@namespace) is { } refusal ? refusal
        : new Admission(throttle, @namespace);

    /// <summary>Starts the run; it gives the admission back when it ends. The caller must not use it any more.</summary>
    public Outcome<Task<Activation>> Start(Admission admission, Invocation invocation)
    {
        if (inFlight.TryEnter())
        {
            return RunAsync(admission, invocation);
        }

        admission.Dispose();
        return Refusal.Overloaded;
    }

    public Invocation Prepare(
        HttpRequest request, NamespaceIdentity caller, ResolvedAction action, ReadOnlyMemory<byte> payload, string transactionId, bool isBlocking) =>
        Prepare(
            caller,
            action,
            payload,
            transactionId,
            isBlocking,
            alwaysStore: string.Equals(request.Headers["X-OW-EXTRA-LOGGING"], "on", StringComparison.OrdinalIgnoreCase),
            traceParent: request.Headers.TraceParent is [{ Length: TraceParentLength } given] ? given : null);

    public Invocation Prepare(
        NamespaceIdentity caller,
        ResolvedAction action,
        ReadOnlyMemory<byte> payload,
        string transactionId,
        bool isBlocking,
        bool alwaysStore,
        string? traceParent = null) =>
        new()
        {
            Caller = caller,
            Action = action,
            Payload = payload,
            TransactionId = transactionId,
            RequestedMs = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            IsBlocking = isBlocking,
            AlwaysStore = alwaysStore,
            TraceParent = traceParent,
        };

    /// <summary>The activation, or null when it has not ended within the time.</summary>
    public async Task<Activation?> WaitAsync(Task<Activation> running, TimeSpan wait)
    {
        if (running.IsCompleted)
        {
            return await running;
        }

        try
        {
            return await running.WaitAsync(wait, clock);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task<Activation> RunAsync(Admission admission, Invocation invocation)
    {
        try
        {
            return await invoker.RunAsync(invocation);
        }
        finally
        {
            admission.Dispose();
            inFlight.Leave();
        }
    }
}

/// <summary>A place in a namespace's throttle; disposing gives it back once.</summary>
internal sealed class Admission(NamespaceThrottle? throttle, string @namespace) : IDisposable
{
    private NamespaceThrottle? _throttle = throttle;

    public void Dispose() => Interlocked.Exchange(ref _throttle, null)?.Leave(@namespace);
}
