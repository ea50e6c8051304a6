using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.LiveLogs;
using Signalbox.Runtime.Sequences;
using Signalbox.Runtime.SystemActions;
using Signalbox.Sandbox;
using Signalbox.Sockets;

namespace Signalbox.Runtime.Invocations;

/// <summary>
/// Runs an action of any sort to its end and records the activation. Never throws for what the action does.
/// </summary>
/// <remarks>
/// <code>
/// Invocation ──► arguments: package &lt; binding &lt; action &lt; payload
///            ──► sequence? SequenceRunner, which comes back here for each component
///                system?   ISystemAction, in process
///                else      IActionSandbox
///            ──► ActivationResponse (class and texts) ──► Activation ──► ActivationRecorder
/// </code>
/// </remarks>
internal sealed partial class Invoker(
    ActionResolver resolver,
    SystemCatalog catalog,
    IActionSandbox sandbox,
    ActivationRecorder recorder,
    LiveLogHub liveLogs,
    EffectiveLimits limits,
    RuntimeOptions options,
    TimeProvider clock,
    ILogger<Invoker> logger)
{
    private const string NoLogs = "The action did not initialize or run as expected. Log data might be missing.";

    public async Task<Activation> RunAsync(Invocation invocation)
    {
        using var span = RuntimeMetrics.Source.StartActivity("invoke");
        span?.SetTag("signalbox.action", invocation.Action.Action.Name.Path);
        span?.SetTag("signalbox.activation_id", invocation.ActivationId);
        Activation activation;
        try
        {
            activation = await RunKindAsync(invocation);
        }
#pragma warning disable CA1031 // A bug of ours must still end the activation with a record, and the caller's wait with an answer.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broken(logger, exception, invocation.ActivationId);
            activation = Record(
                invocation, ActivationResponse.WhiskError("The action could not be run because of an internal error."), NowMs(), 0);
        }

        span?.SetTag("signalbox.status", activation.Status);
        RuntimeMetrics.Ended(activation);
        liveLogs.OnEnd(invocation.Action.Action.Name, activation);
        if (!activation.IsSuccess || !invocation.IsBlocking || options.StoreBlockingSuccesses || invocation.AlwaysStore)
        {
            await recorder.RecordAsync(activation);
        }

        return activation;
    }

    private Task<Activation> RunKindAsync(Invocation invocation)
    {
        var exec = invocation.Action.Action.Exec;
        return exec.IsSequence ? new SequenceRunner(this, resolver, limits, clock).RunAsync(invocation)
            : exec.IsSystem ? RunSystemAsync(invocation)
            : RunSandboxedAsync(invocation);
    }

    private async Task<Activation> RunSandboxedAsync(Invocation invocation)
    {
        var action = invocation.Action;
        if (FindVanishedSupport(action.Action) is { } refused)
        {
            return Record(invocation, refused, NowMs(), 0);
        }

        var sandboxed = action.SandboxedFor(invocation.Caller, options.ApiHost);
        var request = new SandboxRequest
        {
            ActivationId = invocation.ActivationId,
            Arguments = action.Defaults.Merge(invocation.Payload),
            Context = sandboxed.Context,
            TransactionId = invocation.TransactionId,
            TraceParent = Activity.Current is { IdFormat: ActivityIdFormat.W3C } current ? current.Id : invocation.TraceParent,
            LogListener = liveLogs,
        };
        var outcome = await sandbox.RunAsync(sandboxed.Action, request, CancellationToken.None);
        var response = ActivationResponse.From(outcome, action.Action.Limits.TimeoutMs, limits.PayloadBytesMax);
        if (outcome.Status is SandboxStatus.NotProvisioned or SandboxStatus.Overloaded)
        {
            Log.NotProvisioned(logger, invocation.ActivationId, outcome.Message ?? "no reason given");
        }

        var lastLine = outcome.LogsTruncated
            ? $"Logs were truncated because the total bytes size exceeds the limit of {action.Action.Limits.LogsMb * 1024 * 1024} bytes."
            : response.Status == ActivationStatus.DeveloperError ? NoLogs : null;
        var startMs = outcome.Start.ToUnixTimeMilliseconds();
        var endMs = Math.Max(startMs, outcome.End.ToUnixTimeMilliseconds());
        var activation = Record(
            invocation,
            response,
            startMs,
            endMs - startMs,
            action.Action.Limits.LogsMb == 0 ? Json.EmptyArray : ActivationLogs.Format(outcome.Logs, lastLine, outcome.End),
            ActivationAnnotations.OfAction(
                invocation,
                outcome.Status is SandboxStatus.RunTimedOut or SandboxStatus.LoadTimedOut,
                (long)outcome.Wait.TotalMilliseconds,
                outcome.Init is { } init ? (long)init.TotalMilliseconds : null));
        return outcome.Status == SandboxStatus.Overloaded ? activation with { IsOverload = true } : activation;
    }

    private async Task<Activation> RunSystemAsync(Invocation invocation)
    {
        // It may verify signatures and ask other servers.
        await PoolThread.Switch();
        var started = NowMs();
        var lines = new List<LogLine>();
        var call = new SystemActionCall
        {
            Caller = invocation.Caller,
            Arguments = invocation.Action.Defaults.Merge(invocation.Payload),
            Log = (stream, text) =>
            {
                var line = new LogLine(clock.GetUtcNow(), stream, text);
                lines.Add(line);
                liveLogs.OnLine(invocation.Caller.Name, invocation.Action.Action.Name, invocation.ActivationId, line);
            },
            InvokeAsync = (name, isAllowed, payload, token) => InvokeForSystemAsync(invocation, name, isAllowed, payload, token),
        };
        ActivationResponse response;
        try
        {
            var result = await catalog.Implementation(invocation.Action.Action.Name).RunAsync(call, CancellationToken.None);
            response = result.IsError
                ? ActivationResponse.ApplicationError(result.Json.Span)
                : ActivationResponse.FromAnswer(result.Json, limits.DeliveryBytesMax);
        }
#pragma warning disable CA1031 // As with users' actions: what it throws is its activation's error.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broken(logger, exception, invocation.ActivationId);
            response = ActivationResponse.DeveloperError("An error has occurred in an action of this server; its log tells more.");
        }

        var ended = Math.Max(started, NowMs());
        return Record(
            invocation,
            response,
            started,
            ended - started,
            ActivationLogs.Format(lines, null, default),
            ActivationAnnotations.OfAction(invocation, timedOut: false, Math.Max(0, started - invocation.RequestedMs), null));
    }

    private async Task<Outcome<Activation>> InvokeForSystemAsync(
        Invocation outer, EntityName name, Func<ActionEntity, bool> isAllowed, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        if ((await resolver.ResolveAsync(name, cancellationToken)).IsRefused(out var refusal, out var action))
        {
            return refusal;
        }

        if (AccessRules.FindObjection(outer.Caller, action) is { } objection)
        {
            return objection;
        }

        if (!isAllowed(action.Action))
        {
            return Refusal.NotFound;
        }

        return await RunAsync(new Invocation
        {
            Caller = outer.Caller,
            Action = action,
            Payload = payload,
            TransactionId = outer.TransactionId,
            TraceParent = outer.TraceParent,
            RequestedMs = NowMs(),
            IsBlocking = true,
            AlwaysStore = outer.AlwaysStore,
        });
    }

    /// <summary>The error of an action whose kind or limits this server no longer allows, or null.</summary>
    private ActivationResponse? FindVanishedSupport(ActionEntity action) =>
        action.Limits.TimeoutMs > limits.ActionTimeoutMsMax || action.Limits.MemoryMb > limits.ActionMemoryMbMax
            ? ActivationResponse.DeveloperError("Action limit exceeded the system limit.")
            : null;

    private long NowMs() => clock.GetUtcNow().ToUnixTimeMilliseconds();

    private static Activation Record(
        Invocation invocation,
        ActivationResponse response,
        long startMs,
        long durationMs,
        ReadOnlyMemory<byte>? logs = null,
        ReadOnlyMemory<byte>? annotations = null)
    {
        var action = invocation.Action.Action;
        return new Activation
        {
            Id = invocation.ActivationId,
            Namespace = invocation.Caller.Name,
            Subject = invocation.Caller.Name,
            Name = action.Name.Name,
            Package = action.Name.Package,
            Version = action.Version,
            Cause = invocation.Cause,
            StartMs = startMs,
            EndMs = startMs + durationMs,
            DurationMs = durationMs,
            Status = response.Status,
            Result = response.Result,
            ResultSize = response.Size,
            Logs = logs ?? Json.EmptyArray,
            Annotations = annotations ?? ActivationAnnotations.OfAction(invocation, timedOut: false, 0, null),
            FailedId = response.Status == ActivationStatus.Success ? null : invocation.ActivationId,
        };
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Error, "Activation {ActivationId} failed because of a bug in this server")]
        public static partial void Broken(ILogger logger, Exception exception, string activationId);

        [LoggerMessage(2, LogLevel.Warning, "No sandbox for activation {ActivationId}: {Reason}")]
        public static partial void NotProvisioned(ILogger logger, string activationId, string reason);
    }
}
