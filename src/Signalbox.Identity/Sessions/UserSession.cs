using Signalbox.Identity.Users;

namespace Signalbox.Identity.Sessions;

/// <summary>A signed-in browser.</summary>
public sealed record UserSession
{
    public required string Id { get; init; }

    /// <summary>As the user stands now, not as at sign-in: a change of role counts at once.</summary>
    public required User User { get; init; }

    public required string Address { get; init; }

    public required string UserAgent { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public required DateTimeOffset SeenAt { get; init; }

    public required DateTimeOffset ExpiresAt { get; init; }
}
