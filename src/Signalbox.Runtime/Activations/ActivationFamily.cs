using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Runtime.EventHandlers;

namespace Signalbox.Runtime.Activations;

/// <summary>
/// Follows an invocation to everything that ran on its behalf: a sequence's record lists its components, and the event
/// handler's log names the sequence that it invoked.
/// </summary>
public sealed partial class ActivationFamily
{
    /// <summary>A handler, its sequence, the validator and the user's action are four; a sequence may have fifty.</summary>
    private const int MembersMax = 100;

    private const int DepthMax = 8;

    private readonly ActivationRecorder _recorder;

    internal ActivationFamily(ActivationRecorder recorder) => _recorder = recorder;

    /// <summary>The invocation and its descendants, each before its own; empty when the record is gone.</summary>
    public async Task<IReadOnlyList<ActivationRun>> FindAsync(string @namespace, string id, CancellationToken cancellationToken)
    {
        var family = new List<ActivationRun>();
        await AddAsync(@namespace, id, 0, family, cancellationToken);
        return family;
    }

    private async Task AddAsync(string @namespace, string id, int depth, List<ActivationRun> family, CancellationToken cancellationToken)
    {
        if (family.Count == MembersMax || depth > DepthMax || await _recorder.FindAsync(@namespace, id, cancellationToken) is not { } activation)
        {
            return;
        }

        family.Add(new ActivationRun
        {
            Id = activation.Id,
            Action = activation.Package is { Length: > 0 } package ? $"{package}/{activation.Name}" : activation.Name,
            Depth = depth,
            Status = ActivationJson.StatusText(activation.Status),
            StartMs = activation.StartMs,
            DurationMs = activation.DurationMs,
        });
        foreach (var child in ChildrenOf(activation))
        {
            await AddAsync(@namespace, child, depth + 1, family, cancellationToken);
        }
    }

    private static IEnumerable<string> ChildrenOf(Activation activation)
    {
        using var logs = JsonDocument.Parse(activation.Logs);
        var isHandler = activation.Name == HandlerNames.Handler.Name;
        var children = new List<string>();
        foreach (var line in logs.RootElement.EnumerateArray().Select(element => element.GetString() ?? ""))
        {
            if (Id().IsMatch(line))
            {
                children.Add(line);
            }
            else if (isHandler && Invoked().Match(line) is { Success: true } invoked)
            {
                children.Add(invoked.Groups[1].Value);
            }
        }

        return children;
    }

    [GeneratedRegex("^[0-9a-f]{32}$")]
    private static partial Regex Id();

    [GeneratedRegex("Sequence activation ([0-9a-f]{32}):")]
    private static partial Regex Invoked();
}
