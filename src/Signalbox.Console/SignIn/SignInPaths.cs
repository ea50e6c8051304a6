namespace Signalbox.WebConsole.SignIn;

/// <summary>The pages that need no session, below the console's path.</summary>
internal static class SignInPaths
{
    public const string SignIn = "/sign-in";

    public const string Welcome = "/welcome";

    public const string NoAccess = "/no-access";

    /// <summary>Where to go after signing in: a path of the console, else its first page.</summary>
    public static string Safe(string? to) =>
        to is not null && to.StartsWith(ConsoleRoom.Path + "/", StringComparison.Ordinal) && !to.Contains("//", StringComparison.Ordinal)
            && !to.Contains('\\') && !to.Any(char.IsControl)
            ? to
            : ConsoleRoom.Path + "/";
}
