using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.Extensions.Logging;
using Signalbox.Identity.Sessions;

namespace Signalbox.WebConsole.Access;

/// <summary>Signs an open page out when its session has ended elsewhere, or the user's role is another one.</summary>
internal sealed class CircuitSession(ILoggerFactory loggers, UserSessions sessions) : RevalidatingServerAuthenticationStateProvider(loggers)
{
    protected override TimeSpan RevalidationInterval => TimeSpan.FromSeconds(30);

    protected override async Task<bool> ValidateAuthenticationStateAsync(AuthenticationState authenticationState, CancellationToken cancellationToken) =>
        authenticationState.User.SessionId() is { } id
        && await sessions.FindAsync(id, cancellationToken) is { } session
        && session.User.Role == authenticationState.User.Role();
}
