using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.OpenIdConnect;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Signalbox.Identity.Audit;
using Signalbox.Identity.Users;
using Signalbox.WebConsole.Access;

namespace Signalbox.WebConsole.SignIn;

/// <summary>Signing in by an OpenID Connect provider: code flow with PKCE; the provider says who, <see cref="ExternalSignIn"/> whether.</summary>
internal static class OpenIdConnectSignIn
{
    public const string Scheme = "oidc";

    /// <summary>Where the sign-in page's button leads, below the console.</summary>
    public const string StartPath = "/oidc/start";

    private const string CallbackPath = "/oidc/callback";

    public static AuthenticationBuilder AddOpenIdConnect(this AuthenticationBuilder builder, OpenIdConnectSettings settings, Uri? publicUrl) =>
        builder.AddOpenIdConnect(Scheme, oidc =>
        {
            oidc.Authority = settings.Authority!.ToString();
            oidc.ClientId = settings.ClientId;
            oidc.ClientSecret = settings.ClientSecret;
            oidc.RequireHttpsMetadata = !settings.Authority.IsLoopback;
            oidc.ResponseType = OpenIdConnectResponseType.Code;
            // The provider leads back by a link, so that cookies need not cross sites.
            oidc.ResponseMode = OpenIdConnectResponseMode.Query;
            oidc.CorrelationCookie.SameSite = SameSiteMode.Lax;
            oidc.NonceCookie.SameSite = SameSiteMode.Lax;
            oidc.CorrelationCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.NonceCookie.SecurePolicy = CookieSecurePolicy.SameAsRequest;
            oidc.CallbackPath = CallbackPath;
            oidc.SignInScheme = ConsoleClaims.Scheme;
            oidc.MapInboundClaims = false;
            oidc.SaveTokens = false;
            oidc.Scope.Add("email");
            oidc.Events.OnRedirectToIdentityProvider = context =>
            {
                if (publicUrl is { } known)
                {
                    context.ProtocolMessage.RedirectUri = $"{known.ToString().TrimEnd('/')}{ConsoleRoom.Path}{CallbackPath}";
                }

                return Task.CompletedTask;
            };
            oidc.Events.OnTokenValidated = context => AdmitAsync(context, settings);
            oidc.Events.OnRemoteFailure = context =>
            {
                context.Response.Redirect($"{ConsoleRoom.Path}{SignInPaths.SignIn}?refused={Uri.EscapeDataString(Explain(context.Failure))}");
                context.HandleResponse();
                return Task.CompletedTask;
            };
        });

    public static void MapOpenIdConnect(this IEndpointRouteBuilder routes) =>
        routes.MapGet(StartPath, (string? to) => Results.Challenge(new AuthenticationProperties { RedirectUri = SignInPaths.Safe(to), IsPersistent = true }, [Scheme]))
            .AllowAnonymous();

    private static async Task AdmitAsync(TokenValidatedContext context, OpenIdConnectSettings settings)
    {
        var claims = context.Principal!;
        var cancellationToken = context.HttpContext.RequestAborted;
        var (user, refusal) = await context.HttpContext.RequestServices.GetRequiredService<ExternalSignIn>().AdmitAsync(
            new ExternalIdentity
            {
                Issuer = context.SecurityToken.Issuer,
                Subject = context.SecurityToken.Subject,
                VerifiedEmail = string.Equals(claims.FindFirstValue("email_verified"), "true", StringComparison.OrdinalIgnoreCase) ? claims.FindFirstValue("email") : null,
                Name = claims.FindFirstValue("name") ?? claims.FindFirstValue("preferred_username"),
                Role = settings.RoleClaim is { } claim ? settings.RoleOf(claims.FindAll(claim).Select(c => c.Value)) : null,
            },
            cancellationToken);
        if (user is null)
        {
            context.Fail(new AdmissionRefusedException(refusal!.Message));
            return;
        }

        context.Principal = ConsoleClaims.ToPrincipal(user);
        await context.HttpContext.RequestServices.GetRequiredService<AuditLog>().WriteAsync(
            user, "session.start", user.SignIn, null, true, $"By {context.SecurityToken.Issuer}.", CancellationToken.None);
    }

    // What the provider or the library says is for the log; the page names only what the user can mend.
    private static string Explain(Exception? failure) =>
        failure is AdmissionRefusedException || failure?.InnerException is AdmissionRefusedException ? "not-admitted" : "failed";

    private sealed class AdmissionRefusedException(string message) : Exception(message);
}
