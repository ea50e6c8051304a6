namespace Signalbox.Identity.Users;

/// <summary>A row of <c>identity_users</c>.</summary>
internal sealed class UserRow
{
    public string Id { get; init; } = "";

    public string SignIn { get; init; } = "";

    public string Name { get; init; } = "";

    public string Role { get; init; } = "";

    public string? PasswordHash { get; init; }

    public bool IsDisabled { get; init; }

    public long CreatedAt { get; init; }

    public long? SignedInAt { get; init; }

    public User ToUser() => new()
    {
        Id = new UserId(Id),
        SignIn = SignIn,
        Name = Name,
        Role = UserRoles.Parse(Role) ?? UserRole.Viewer,
        HasPassword = PasswordHash is not null,
        IsDisabled = IsDisabled,
        CreatedAt = DateTimeOffset.FromUnixTimeMilliseconds(CreatedAt),
        SignedInAt = SignedInAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null,
    };
}
