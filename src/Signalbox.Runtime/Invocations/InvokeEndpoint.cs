using System.Globalization;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Invocations;

/// <summary><c>POST /namespaces/{ns}/actions/{name}</c> (OpenWhisk behaviour, section 2.2).</summary>
internal sealed class InvokeEndpoint(
    InvocationDesk desk,
    ActionResolver resolver,
    RequestBodies bodies,
    IActionSandbox sandbox,
    EffectiveLimits limits,
    RuntimeOptions options)
{
    public async Task<Reply> InvokeAsync(RuntimeCall call, EntityName name)
    {
        if (ParseMode(call).IsRefused(out var refusal, out var mode))
        {
            return refusal;
        }

        refusal = desk.Count(call.Caller.Name, isExempt: false);
        if (refusal is not null
            || (await PrepareAsync(call, name, mode)).IsRefused(out refusal, out var invocation)
            || desk.Admit(call.Caller.Name, isExempt: false).IsRefused(out refusal, out var admission)
            || desk.Start(admission, invocation).IsRefused(out refusal, out var running))
        {
            return refusal;
        }

        if (mode.IsBlocking && await desk.WaitAsync(running, mode.Wait) is { } activation)
        {
            return activation.IsOverload
                ? (Reply)Refusal.Overloaded with { ActivationId = activation.Id }
                : Answer(activation, mode.ResultOnly);
        }

        return new Reply
        {
            Status = 202,
            ActivationId = invocation.ActivationId,
            Body = writer =>
            {
                writer.WriteStartObject();
                writer.WriteString("activationId", invocation.ActivationId);
                writer.WriteEndObject();
            },
        };
    }

    private async Task<Outcome<Invocation>> PrepareAsync(RuntimeCall call, EntityName name, InvokeMode mode)
    {
        if ((await resolver.ResolveAsync(name, call.Aborted)).IsRefused(out var refusal, out var action))
        {
            return name.Namespace == call.Caller.Name || refusal.Status != 404 ? refusal : Refusal.Forbidden(name.Path);
        }

        if (AccessRules.FindObjection(call.Caller, action) is { } objection)
        {
            return objection;
        }

        if (KindRules.FindDeprecation(action.Action.Exec.Kind, sandbox.Kinds) is { } deprecated)
        {
            return deprecated;
        }

        if ((await bodies.ReadPayloadAsync(call.Context, call.Caller.Name, limits.PayloadBytesMax)).IsRefused(out refusal, out var payload))
        {
            return refusal;
        }

        return action.NamesFinalParameter(payload.Span)
            ? Refusal.ReservedParameters
            : desk.Prepare(call.Context.Request, call.Caller, action, payload, call.TransactionId, mode.IsBlocking);
    }

    /// <summary>A JSON array is answered bare, in whatever form the caller asked.</summary>
    private static Reply Answer(Activation activation, bool resultOnly) => new()
    {
        Status = activation.Status switch
        {
            ActivationStatus.Success => 200,
            ActivationStatus.WhiskError => 500,
            _ => 502,
        },
        ActivationId = activation.Id,
        Json = resultOnly || activation is { IsSuccess: true, Result.Span: [(byte)'[', ..] }
            ? activation.Result
            : Json.Write(writer => ActivationJson.WriteRecord(
                writer, activation, activation.IsSequence ? activation.Logs : Json.EmptyArray)),
    };

    private Outcome<InvokeMode> ParseMode(RuntimeCall call)
    {
        if (call.Flag("blocking").IsRefused(out var refusal, out var blocking)
            || call.Flag("result").IsRefused(out refusal, out var resultOnly))
        {
            return refusal;
        }

        var wait = options.BlockingWait;
        if (call.Query("timeout") is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var ms)
                || ms < 1 || ms > options.BlockingWait.TotalMilliseconds)
            {
                return Refusal.BadRequest(
                    $"Timeout must be number of milliseconds up to {(long)options.BlockingWait.TotalMilliseconds}.");
            }

            wait = TimeSpan.FromMilliseconds(ms);
        }

        return new InvokeMode(blocking, resultOnly, wait);
    }

    private readonly record struct InvokeMode(bool IsBlocking, bool ResultOnly, TimeSpan Wait);
}
