using System.Security.Claims;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Authentication.Cookies;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Authorization;
using Microsoft.AspNetCore.Components.Server;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using MudBlazor.Services;
using Signalbox.WebConsole.Access;
using Signalbox.WebConsole.AddEvent;
using Signalbox.WebConsole.Credentials;
using Signalbox.WebConsole.Home;
using Signalbox.WebConsole.Shell;
using Signalbox.WebConsole.SignIn;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole;

/// <summary>Registers the web console.</summary>
public static class ConsoleRoom
{
    /// <summary>Where the console stands; everything of it, scripts included, is below.</summary>
    public const string Path = "/console";

    /// <summary>Adds the room. Needs the identity, events and runtime rooms.</summary>
    /// <param name="services">The server's services.</param>
    /// <param name="options">How users sign in.</param>
    /// <param name="publicUrl">
    /// The URL that users reach the server by when it stands behind a proxy; with https, cookies are never sent without it.
    /// </param>
    public static IServiceCollection AddConsole(this IServiceCollection services, ConsoleOptions options, Uri? publicUrl)
    {
        var isSecure = publicUrl?.Scheme == Uri.UriSchemeHttps;
        services.AddSingleton(options);
        services.AddRouting();
        services.AddHttpContextAccessor();
        services.AddRazorComponents().AddInteractiveServerComponents(circuits =>
        {
            circuits.DisconnectedCircuitMaxRetained = 50;
            circuits.DisconnectedCircuitRetentionPeriod = TimeSpan.FromMinutes(3);
        });
        services.AddSingleton<PersistentComponentStateSerializer<PageReadings>, PageReadingsDesk>();
        services.AddMudServices(mud => mud.PopoverOptions.CheckForPopoverProvider = false);
        services.AddCascadingAuthenticationState();

        services.AddSingleton<SessionTickets>();
        var authentication = services.AddAuthentication(ConsoleClaims.Scheme).AddCookie(ConsoleClaims.Scheme, cookie =>
        {
            cookie.Cookie.Name = "signalbox-session";
            cookie.Cookie.HttpOnly = true;
            cookie.Cookie.SameSite = SameSiteMode.Lax;
            cookie.Cookie.SecurePolicy = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
            cookie.LoginPath = SignInPaths.SignIn;
            cookie.AccessDeniedPath = SignInPaths.NoAccess;
            cookie.ReturnUrlParameter = "to";
            // The session says when it ends; see UserSessions.
            cookie.SlidingExpiration = false;
        });
        if (options.OpenIdConnect.IsOn)
        {
            authentication.AddOpenIdConnect(options.OpenIdConnect, publicUrl);
        }

        services.AddOptions<CookieAuthenticationOptions>(ConsoleClaims.Scheme)
            .Configure<SessionTickets, ConsoleOptions>((cookie, tickets, options) =>
            {
                cookie.SessionStore = tickets;
                cookie.ExpireTimeSpan = options.SessionLifetime;
            });
        services.AddAntiforgery(antiforgery =>
        {
            antiforgery.Cookie.Name = "signalbox-antiforgery";
            antiforgery.Cookie.SecurePolicy = isSecure ? CookieSecurePolicy.Always : CookieSecurePolicy.SameAsRequest;
        });
        services.AddAuthorizationBuilder()
            .SetFallbackPolicy(new AuthorizationPolicyBuilder().RequireAuthenticatedUser().Build())
            .AddPolicy(Policies.Developer, policy => policy.RequireRole(UserRole.Developer.Word(), UserRole.SystemAdministrator.Word()))
            .AddPolicy(Policies.Administrator, policy => policy.RequireRole(UserRole.SystemAdministrator.Word()));
        services.AddScoped<AuthenticationStateProvider, CircuitSession>();
        services.AddScoped<Changes>();
        services.AddScoped<WorkspaceScope>();
        services.AddScoped<QuickStart>();
        services.AddScoped<SignInDesk>();
        services.AddScoped<SecretOnce>();
        services.AddScoped<RegistrationDrafts>();
        return services;
    }

    /// <summary>
    /// Serves the console in a branch of its own, with sessions, roles and anti-forgery, none of which the rest of the
    /// server pays for.
    /// </summary>
    public static void UseConsole(this WebApplication app)
    {
        // The web host would put both before everything else, because their services exist.
        IDictionary<string, object?> properties = ((IApplicationBuilder)app).Properties;
        properties["__AuthenticationMiddlewareSet"] = true;
        properties["__AuthorizationMiddlewareSet"] = true;

        app.Map(Path, console =>
        {
            console.UseSecurityHeaders();
            console.UseExceptionHandler("/error", createScopeForErrors: true);
            console.UseStatusCodePagesWithReExecute("/not-found", createScopeForStatusCodePages: true);
            console.Use((context, next) =>
            {
                if (context.Request.Path.HasValue && context.Request.Path != "")
                {
                    return next(context);
                }

                context.Response.Redirect($"{context.Request.PathBase}/{context.Request.QueryString}");
                return Task.CompletedTask;
            });
            console.UseRouting();
            console.UseAuthentication();
            console.UseAuthorization();
            console.UseAntiforgery();
            console.UseEndpoints(routes =>
            {
                // Files are answered before sessions are read.
                routes.MapStaticAssets().ShortCircuit();
                routes.MapSignOut();
                if (app.Services.GetRequiredService<ConsoleOptions>().OpenIdConnect.IsOn)
                {
                    routes.MapOpenIdConnect();
                }

                routes.MapRazorComponents<App>()
                    .AddInteractiveServerRenderMode(server => server.ContentSecurityFrameAncestorsPolicy = null)
                    .WithStaticAssets();
            });
        });
    }
}
