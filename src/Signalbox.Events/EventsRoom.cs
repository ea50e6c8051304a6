using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Signalbox.Storage;

namespace Signalbox.Events;

/// <summary>Registers the events room.</summary>
public static class EventsRoom
{
    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations => Schema.Migrations;

    public static IServiceCollection AddEvents(this IServiceCollection services, EventsOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(Migrations);
        return services;
    }

    public static void MapEvents(this IEndpointRouteBuilder routes)
    {
    }
}
