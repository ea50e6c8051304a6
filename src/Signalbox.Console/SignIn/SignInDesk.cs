using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Http;
using Signalbox.WebConsole.Access;
using Signalbox.Identity.Audit;
using Signalbox.Identity.Sessions;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.SignIn;

/// <summary>Lets users in: by password, and by the one-time link that sets it. Slows guessing down.</summary>
internal sealed class SignInDesk(UserDirectory users, SignInFailures failures, AuditLog audit)
{
    /// <summary>Starts a session for the sign-in and password, or says why not.</summary>
    public async Task<Refusal?> SignInAsync(HttpContext context, string signIn, string password)
    {
        var address = Address(context);
        if (Wait(signIn, address) is { } refusal)
        {
            return refusal;
        }

        // Counted before the password is looked at, so that guesses made at the same moment do not all pass.
        failures.Count(signIn, address);
        if (await users.AuthenticateAsync(signIn, password, context.RequestAborted) is not { } user)
        {
            return new Refusal("The name or the password is wrong.");
        }

        failures.Forget(signIn, address);
        await StartAsync(context, user, "session.start");
        return null;
    }

    /// <summary>Sets the password of the link's user and starts a session, or says why not.</summary>
    public async Task<Refusal?> RedeemAsync(HttpContext context, string token, string password)
    {
        var address = Address(context);
        if (Wait(token, address) is { } wait)
        {
            return wait;
        }

        var (user, refusal) = await users.RedeemAsync(token, password, context.RequestAborted);
        if (user is null)
        {
            failures.Count(token, address);
            return refusal!;
        }

        await StartAsync(context, user, "password.set");
        return null;
    }

    private async Task StartAsync(HttpContext context, User user, string action)
    {
        await context.SignInAsync(ConsoleClaims.Scheme, ConsoleClaims.ToPrincipal(user), new AuthenticationProperties { IsPersistent = true });
        await audit.WriteAsync(user, action, user.SignIn, null, true, $"From {Address(context)}.", CancellationToken.None);
    }

    private Refusal? Wait(string signIn, string address) =>
        failures.WaitOf(signIn, address) is var wait && wait > TimeSpan.Zero
            ? new Refusal($"Too many attempts from here, or at this name. Try again in {Math.Ceiling(wait.TotalMinutes):0} min.")
            : null;

    private static string Address(HttpContext context) => context.Connection.RemoteIpAddress?.ToString() ?? "";
}
