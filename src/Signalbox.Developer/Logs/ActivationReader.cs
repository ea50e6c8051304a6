using System.Net;
using System.Text.Json.Nodes;
using Signalbox.Developer.Connection;

namespace Signalbox.Developer.Logs;

/// <summary>Fetches the records of finished activations.</summary>
internal sealed class ActivationReader(RuntimeClient client)
{
    private const int ComponentsMax = 50;

    /// <summary>The record, or null when there is none of this id (yet).</summary>
    public async Task<ActivationView?> FindAsync(string id, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(HttpMethod.Get, $"activations/{id}", null, cancellationToken);
        return answer.Status switch
        {
            HttpStatusCode.OK => new ActivationView((JsonObject)answer.Body!),
            HttpStatusCode.NotFound => null,
            _ => throw new DeveloperException(RuntimeClient.ErrorOf(answer)),
        };
    }

    /// <summary>The latest records, the oldest of them first.</summary>
    public async Task<IReadOnlyList<ActivationView>> LatestAsync(string? action, int count, CancellationToken cancellationToken)
    {
        var name = action is null ? "" : "&name=" + Uri.EscapeDataString(action);
        var list = (JsonArray)await client.GetAsync($"activations?docs=true&limit={count}{name}", cancellationToken);
        return [.. list.Select(record => new ActivationView((JsonObject)record!)).Reverse()];
    }

    /// <summary>The records of a sequence's components, in their order; none for other actions.</summary>
    public async Task<IReadOnlyList<ActivationView>> ComponentsAsync(ActivationView activation, CancellationToken cancellationToken)
    {
        var components = new List<ActivationView>();
        foreach (var id in activation.IsSequence ? activation.Logs.Take(ComponentsMax) : [])
        {
            if (await FindAsync(id, cancellationToken) is { } component)
            {
                components.Add(component);
            }
        }

        return components;
    }

    /// <summary>An action that does not exist is told at once, rather than by a silence.</summary>
    public async Task RequireActionAsync(string action, CancellationToken cancellationToken)
    {
        var answer = await client.SendAsync(HttpMethod.Get, $"actions/{action}?code=false", null, cancellationToken);
        if (answer.Status == HttpStatusCode.NotFound)
        {
            throw new DeveloperException($"There is no action '{action}' at {client.Url}. See what there is: aio rt action list");
        }

        if (answer.Status != HttpStatusCode.OK)
        {
            throw new DeveloperException(RuntimeClient.ErrorOf(answer));
        }
    }
}
