using Microsoft.AspNetCore.Http;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Limits;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Invocations;

/// <summary>
/// <c>POST /namespaces/{ns}/load?action=NAME</c>, Signalbox's own: loads the action's code into a process, as its first
/// activation would, and calls nothing of it. The answer is <c>{"success", "error", "duration", "logs"}</c>, with
/// <c>error</c> only where it does not load. It leaves no activation. It is open to the namespace's own key.
/// </summary>
internal sealed class LoadEndpoint(
    InvocationDesk desk, ActionResolver resolver, IActionSandbox sandbox, EffectiveLimits limits, RuntimeOptions options)
{
    public async Task<Reply> LoadAsync(RuntimeCall call, string ns)
    {
        if ((await resolver.ResolveOwnAsync(call, ns)).IsRefused(out var refusal, out var action))
        {
            return refusal;
        }

        if (action.Action.Exec is { IsSequence: true } or { IsSystem: true })
        {
            return Refusal.BadRequest($"Only code is loaded; '{action.Requested.Path}' is of kind '{action.Action.Exec.Kind}'.");
        }

        if (KindRules.FindDeprecation(action.Action.Exec.Kind, sandbox.Kinds) is { } deprecated)
        {
            return deprecated;
        }

        refusal = desk.Count(call.Caller.Name, isExempt: false);
        if (refusal is not null || desk.Admit(call.Caller.Name, isExempt: false).IsRefused(out refusal, out var admission))
        {
            return refusal;
        }

        using (admission)
        {
            var sandboxed = action.SandboxedFor(call.Caller, options.ApiHost);
            var outcome = await sandbox.RunAsync(
                sandboxed.Action,
                new SandboxRequest
                {
                    ActivationId = Activation.NewId(),
                    Arguments = Json.EmptyObject,
                    Context = sandboxed.Context,
                    TransactionId = call.TransactionId,
                    LoadsOnly = true,
                },
                call.Aborted);
            return outcome.Status == SandboxStatus.Overloaded ? Refusal.Overloaded : Answer(outcome, action.Action.Limits.TimeoutMs);
        }
    }

    private Reply Answer(SandboxOutcome outcome, int timeoutMs)
    {
        var error = outcome.Status == SandboxStatus.Answered ? null : ActivationResponse.From(outcome, timeoutMs, limits.PayloadBytesMax).Message;
        var logs = ActivationLogs.Format(outcome.Logs, null, outcome.End);
        return new Reply
        {
            Status = StatusCodes.Status200OK,
            Body = writer =>
            {
                writer.WriteStartObject();
                writer.WriteBoolean("success", error is null);
                if (error is not null)
                {
                    writer.WriteString("error", error);
                }

                writer.WriteNumber("duration", (long)(outcome.End - outcome.Start).TotalMilliseconds);
                writer.WriteRaw("logs", logs);
                writer.WriteEndObject();
            },
        };
    }
}
