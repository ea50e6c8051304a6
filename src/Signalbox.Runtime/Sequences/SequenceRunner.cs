using System.Runtime.CompilerServices;
using System.Text.Json;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;

namespace Signalbox.Runtime.Sequences;

/// <summary>
/// Runs the components of one sequence one after the other: each result is the next payload, the first failure is
/// the sequence's own (OpenWhisk behaviour, section 4.1).
/// </summary>
internal sealed class SequenceRunner(Invoker invoker, ActionResolver resolver, EffectiveLimits limits, TimeProvider clock)
{
    private readonly List<string> _componentIds = [];
    private long _durationMs;
    private int _memoryMb;
    private ActivationResponse _response;
    private string? _failedId;
    private StrongBox<int>? _budget;

    public async Task<Activation> RunAsync(Invocation invocation)
    {
        var sequence = invocation.Action.Action;
        var startMs = clock.GetUtcNow().ToUnixTimeMilliseconds();
        _response = new ActivationResponse(
            ActivationStatus.Success, invocation.Action.Defaults.Merge(invocation.Payload), invocation.Payload.Length);
        if (invocation.Depth >= limits.SequenceLengthMax)
        {
            Fail("Too many actions in the sequence.", invocation.ActivationId);
        }

        foreach (var component in sequence.Exec.Components)
        {
            if (_response.Status != ActivationStatus.Success)
            {
                break;
            }

            await RunComponentAsync(invocation, component);
        }

        return new Activation
        {
            Id = invocation.ActivationId,
            Namespace = invocation.Caller.Name,
            Subject = invocation.Caller.Name,
            Name = sequence.Name.Name,
            Package = sequence.Name.Package,
            Version = sequence.Version,
            Cause = invocation.Cause,
            StartMs = startMs,
            EndMs = startMs + _durationMs,
            DurationMs = _durationMs,
            Status = _response.Status,
            Result = _response.Result,
            ResultSize = _response.Size,
            Logs = Json.Write(WriteComponentIds),
            Annotations = ActivationAnnotations.OfSequence(
                invocation, Json.Write(writer => ActionJson.WriteLimits(writer, sequence.Limits with { MemoryMb = LargestMemory(sequence) }))),
            IsSequence = true,
            FailedId = _failedId,
        };
    }

    private async Task RunComponentAsync(Invocation invocation, EntityName component)
    {
        if ((await resolver.ResolveAsync(component, CancellationToken.None)).IsRefused(out _, out var action))
        {
            Fail("Sequence component does not exist.", invocation.ActivationId);
            return;
        }

        if (AccessRules.FindObjection(invocation.Caller, action) is { } objection)
        {
            Fail(objection.Error, invocation.ActivationId);
            return;
        }

        _budget ??= invocation.SequenceBudget ?? new StrongBox<int>(limits.SequenceLengthMax);
        if (!action.Action.Exec.IsSequence && --_budget.Value < 0)
        {
            Fail("Too many actions in the sequence.", invocation.ActivationId);
            return;
        }

        var activation = await invoker.RunAsync(new Invocation
        {
            Caller = invocation.Caller,
            Action = action,
            Payload = _response.Result,
            TransactionId = invocation.TransactionId,
            TraceParent = invocation.TraceParent,
            Cause = invocation.ActivationId,
            RequestedMs = clock.GetUtcNow().ToUnixTimeMilliseconds(),
            IsBlocking = invocation.IsBlocking,
            AlwaysStore = invocation.AlwaysStore,
            Depth = invocation.Depth + 1,
            SequenceBudget = _budget,
        });
        _componentIds.Add(activation.Id);
        _durationMs += activation.DurationMs;
        _memoryMb = Math.Max(_memoryMb, action.Action.Limits.MemoryMb);
        _response = new ActivationResponse(activation.Status, activation.Result, activation.ResultSize);
        _failedId = activation.FailedId;
    }

    private int LargestMemory(ActionEntity sequence) => _memoryMb > 0 ? _memoryMb : sequence.Limits.MemoryMb;

    private void Fail(string error, string failedId)
    {
        _response = ActivationResponse.ApplicationError(error);
        _failedId = failedId;
    }

    private void WriteComponentIds(Utf8JsonWriter writer)
    {
        writer.WriteStartArray();
        foreach (var id in _componentIds)
        {
            writer.WriteStringValue(id);
        }

        writer.WriteEndArray();
    }
}
