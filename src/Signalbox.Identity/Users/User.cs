namespace Signalbox.Identity.Users;

/// <summary>Someone who may sign in to the console.</summary>
public sealed record User
{
    public required UserId Id { get; init; }

    /// <summary>What the user types to sign in: an e-mail address or a name, in lower case.</summary>
    public required string SignIn { get; init; }

    /// <summary>How the console calls the user.</summary>
    public required string Name { get; init; }

    public required UserRole Role { get; init; }

    /// <summary>False until the one-time link was used.</summary>
    public required bool HasPassword { get; init; }

    public required bool IsDisabled { get; init; }

    public required DateTimeOffset CreatedAt { get; init; }

    public DateTimeOffset? SignedInAt { get; init; }
}
