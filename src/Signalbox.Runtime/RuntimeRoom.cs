using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Storage;

namespace Signalbox.Runtime;

/// <summary>Registers the runtime room.</summary>
public static class RuntimeRoom
{
    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations { get; } = new("runtime", []);

    public static IServiceCollection AddRuntime(this IServiceCollection services, RuntimeOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(Migrations);
        return services;
    }

    public static void MapRuntime(this IEndpointRouteBuilder routes)
    {
    }
}
