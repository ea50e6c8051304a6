using Signalbox.Events.Registrations;
using Signalbox.Identity;
using Signalbox.Runtime.EventHandlers;
using Signalbox.Runtime.WebActions;

namespace Signalbox.Server.Joints;

/// <summary>Joins the events room to the runtime room, which do not know each other.</summary>
internal sealed class RuntimeHandlers(EventHandlers handlers, DeliveryDoor door, IdentityDirectory identity, ServerAddress address) : IRuntimeHandlers
{
    public int BatchBytesMax => handlers.PayloadBytesMax;

    public async Task<string?> FindObjectionAsync(WorkspaceId workspace, string runtimeAction, CancellationToken cancellationToken) =>
        await identity.FindNamespaceAsync(workspace, cancellationToken) is { } owner
            ? await handlers.FindObjectionAsync(owner.Name, runtimeAction, cancellationToken)
            : $"Workspace {workspace} has no Runtime namespace: add Runtime to the project first.";

    public async Task<IReadOnlyList<RuntimeActionEntry>> ListActionsAsync(WorkspaceId workspace, int limit, CancellationToken cancellationToken) =>
        await identity.FindNamespaceAsync(workspace, cancellationToken) is { } owner
            ? [.. (await handlers.ListUserActionsAsync(owner.Name, limit, cancellationToken)).Select(a => new RuntimeActionEntry(a.Name, owner.Name, a.IsWeb))]
            : [];

    public async Task SaveAsync(RuntimeHandlerSpec spec, CancellationToken cancellationToken)
    {
        var owner = await identity.FindNamespaceAsync(spec.Workspace, cancellationToken)
            ?? throw new InvalidOperationException($"Workspace {spec.Workspace} has no Runtime namespace.");
        await handlers.SaveAsync(
            new EventHandlerSpec
            {
                Namespace = owner.Name,
                Suffix = spec.Suffix,
                RecipientClientId = spec.RecipientClientId.Value,
                Action = spec.RuntimeAction,
                Events = spec.Events,
            },
            cancellationToken);
    }

    public async Task RemoveAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken)
    {
        if (await identity.FindNamespaceAsync(workspace, cancellationToken) is { } owner)
        {
            await handlers.RemoveAsync(owner.Name, suffix, cancellationToken);
        }
    }

    public async ValueTask<Uri?> FindUrlAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken) =>
        await identity.FindNamespaceAsync(workspace, cancellationToken) is { } owner
            ? new Uri(address.Self, EventHandlers.UrlPath(owner.Name, suffix))
            : null;

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        door.SendAsync(request, cancellationToken);
}
