using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Storage;

namespace Signalbox.Identity;

/// <summary>Registers the identity room.</summary>
public static class IdentityRoom
{
    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations { get; } = new("identity", []);

    public static IServiceCollection AddIdentity(this IServiceCollection services)
    {
        services.AddSingleton(Migrations);
        services.AddSingleton<IdentityDirectory>();
        return services;
    }

    public static void MapIdentity(this IEndpointRouteBuilder routes)
    {
    }
}
