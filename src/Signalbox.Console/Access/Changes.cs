using Microsoft.AspNetCore.Components.Authorization;
using Signalbox.Identity.Audit;
using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Access;

/// <summary>
/// The one way by which a page changes anything or sees a secret: the session and role are read anew, the change is
/// made, and the audit log tells who did it and how it ended. A hidden button is a courtesy; this is the lock.
/// </summary>
public sealed class Changes(AuthenticationStateProvider state, UserSessions sessions, AuditLog audit)
{
    public async Task<Answer<T>> MakeAsync<T>(Change change, Func<CancellationToken, Task<Answer<T>>> make, CancellationToken cancellationToken = default)
    {
        var user = await FindUserAsync(cancellationToken);
        if (user is null)
        {
            return new Refusal("Your session has ended. Reload the page and sign in again; nothing was changed.");
        }

        if (user.Role < change.Needs)
        {
            var reason = $"This needs the role {change.Needs.Title()}; you are {user.Role.Title()}. Ask an administrator.";
            await WriteAsync(user, change, succeeded: false, reason);
            return new Refusal(reason);
        }

        Answer<T> answer;
        try
        {
            answer = await make(cancellationToken);
        }
        catch (Exception exception)
        {
            await WriteAsync(user, change, succeeded: false, $"It failed: {exception.GetType().Name}.");
            throw;
        }

        await WriteAsync(user, change, answer.Refusal is null, answer.Refusal?.Message ?? change.Detail);
        return answer;
    }

    /// <summary>The signed-in user as the database knows it now; null when the session has ended.</summary>
    public async Task<User?> FindUserAsync(CancellationToken cancellationToken = default) =>
        (await state.GetAuthenticationStateAsync()).User.SessionId() is { } id
            ? (await sessions.FindAsync(id, cancellationToken))?.User
            : null;

    // What was done is written down although the page has gone away meanwhile.
    private Task WriteAsync(User user, Change change, bool succeeded, string detail) =>
        audit.WriteAsync(user, change.Action, change.Target, change.Workspace?.WorkspaceId.Value, succeeded, detail, CancellationToken.None);
}
