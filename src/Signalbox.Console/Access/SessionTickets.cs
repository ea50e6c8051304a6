using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Http;
using Signalbox.Identity.Sessions;

namespace Signalbox.WebConsole.Access;

/// <summary>Keeps the cookie handler's sessions in the database: the cookie holds a token, and nothing else is believed.</summary>
internal sealed class SessionTickets(UserSessions sessions, IHttpContextAccessor accessor) : ITicketStore
{
    public Task<string> StoreAsync(AuthenticationTicket ticket)
    {
        var request = accessor.HttpContext!;
        return sessions.StartAsync(
            ticket.Principal.UserId()!.Value,
            request.Connection.RemoteIpAddress?.ToString() ?? "",
            request.Request.Headers.UserAgent.ToString(),
            request.RequestAborted);
    }

    public async Task<AuthenticationTicket?> RetrieveAsync(string key) =>
        await sessions.FindByTokenAsync(key, CancellationToken.None) is { } session
            ? new AuthenticationTicket(
                ConsoleClaims.ToPrincipal(session),
                new AuthenticationProperties { IssuedUtc = session.CreatedAt, ExpiresUtc = session.ExpiresAt, IsPersistent = true },
                ConsoleClaims.Scheme)
            : null;

    /// <summary>Nothing to do: being used is noted when the session is read, and the absolute end stays.</summary>
    public Task RenewAsync(string key, AuthenticationTicket ticket) => Task.CompletedTask;

    public Task RemoveAsync(string key) => sessions.EndByTokenAsync(key, CancellationToken.None);
}
