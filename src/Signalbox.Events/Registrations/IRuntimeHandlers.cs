using Signalbox.Identity;

namespace Signalbox.Events.Registrations;

/// <summary>
/// What the events room needs of the runtime room; the server joins the two. Deliveries to an action go to the URL
/// of a handler that stands in the user's namespace.
/// </summary>
public interface IRuntimeHandlers
{
    /// <summary>Bytes that the body of a request with several events may have: an action takes less than a webhook.</summary>
    int BatchBytesMax { get; }

    /// <summary>Why the action cannot be a registration's target, for the 400 response; null when it can.</summary>
    Task<string?> FindObjectionAsync(WorkspaceId workspace, string runtimeAction, CancellationToken cancellationToken);

    /// <summary>
    /// The actions and sequences that the workspace's user made, by name, at most <paramref name="limit"/>; empty when
    /// the workspace has no namespace. What this server made for registrations is not among them.
    /// </summary>
    Task<IReadOnlyList<RuntimeActionEntry>> ListActionsAsync(WorkspaceId workspace, int limit, CancellationToken cancellationToken);

    /// <summary>Creates or re-points the handler of a registration. Idempotent.</summary>
    Task SaveAsync(RuntimeHandlerSpec spec, CancellationToken cancellationToken);

    /// <summary>Removes the handler of a registration. Idempotent.</summary>
    Task RemoveAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken);

    /// <summary>
    /// Where to deliver: the handler's absolute URL as this server reaches itself now. Asked for each delivery,
    /// because a server's own address may change between starts. Null when the workspace has no namespace.
    /// </summary>
    ValueTask<Uri?> FindUrlAsync(WorkspaceId workspace, string suffix, CancellationToken cancellationToken);

    /// <summary>
    /// Hands a request to the handler whose URL it names, and answers as the handler does. It stays within this process:
    /// no connection, and no address that could be another's.
    /// </summary>
    /// <exception cref="OperationCanceledException">The caller gave up; the handler may go on.</exception>
    Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken);
}

/// <summary>A registration, as far as its handler is concerned.</summary>
public sealed record RuntimeHandlerSpec
{
    public required WorkspaceId Workspace { get; init; }

    /// <summary>10 alphanumerics, unique to the registration.</summary>
    public required string Suffix { get; init; }

    public required ClientId RecipientClientId { get; init; }

    public required string RuntimeAction { get; init; }

    /// <summary>Provider name and event code of each event of interest.</summary>
    public required IReadOnlyList<(string Provider, string EventCode)> Events { get; init; }
}
