using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Signalbox.Identity.Audit;
using Signalbox.Identity.Callers;
using Signalbox.Identity.Credentials;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Provisioning;
using Signalbox.Identity.Sessions;
using Signalbox.Identity.Tokens;
using Signalbox.Identity.Users;
using Signalbox.Identity.Workspaces;
using Signalbox.Storage;

namespace Signalbox.Identity;

/// <summary>Registers the identity room.</summary>
public static class IdentityRoom
{
    /// <summary>The name of the room's meter.</summary>
    public const string MeterName = IdentityMetrics.MeterName;

    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations { get; } = IdentitySchema.Migrations;

    /// <summary>
    /// Adds the room. Needs the storage room and a <see cref="TimeProvider"/>; <see cref="IdentityOptions"/> are the
    /// default ones unless registered before.
    /// </summary>
    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton(Migrations);
        services.TryAddSingleton<IdentityOptions>();
        services.AddSingleton<IdentityDirectory>();
        services.AddSingleton<IdentityProvisioning>();
        services.AddSingleton<ProjectService>();
        services.AddSingleton<IAlertPauses>(provider => provider.GetRequiredService<ProjectService>());
        services.AddSingleton<WorkspaceRuntime>();
        services.AddSingleton<CredentialService>();
        services.AddSingleton<ConsoleDocuments>();
        services.AddSingleton<TokenSigningKeys>();
        services.AddSingleton(provider => new TokenIssuer(
            provider.GetRequiredService<TokenSigningKeys>(),
            provider.GetRequiredService<IdentityOptions>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new TokenVerifier(
            provider.GetRequiredService<TokenSigningKeys>(),
            provider.GetRequiredService<IdentityOptions>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<ClientFailures>();
        services.AddSingleton<TokenGrant>();
        services.AddSingleton<ApiCallerCheck>();
        services.AddSingleton<ManagementRate>();

        services.TryAddSingleton<ConsoleOptions>();
        services.AddSingleton(provider => new UserDirectory(
            new UserStore(provider.GetRequiredService<Database>()),
            provider.GetRequiredService<ConsoleOptions>(),
            provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new ExternalSignIn(
            new UserStore(provider.GetRequiredService<Database>()), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<UserSessions>();
        services.AddSingleton<SignInFailures>();
        services.AddSingleton<AuditLog>();
        services.AddSingleton<WorkspaceCatalog>();
        return services;
    }

    /// <summary>Maps <c>POST /ims/token</c>, <c>/ims/token/v2</c>, <c>/ims/token/v3</c> and <c>GET /ims/keys</c>.</summary>
    public static void MapIdentity(this IEndpointRouteBuilder routes) => TokenEndpoints.Map(routes);
}
