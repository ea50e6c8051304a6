using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Signalbox.Identity.Projects;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.EventHandlers;
using Signalbox.Runtime.Inspections;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.LiveLogs;
using Signalbox.Runtime.Namespaces;
using Signalbox.Runtime.Packages;
using Signalbox.Runtime.Sequences;
using Signalbox.Runtime.SystemActions;
using Signalbox.Runtime.WebActions;
using Signalbox.Storage;

namespace Signalbox.Runtime;

/// <summary>Registers the runtime room.</summary>
public static class RuntimeRoom
{
    private const string ApiPrefix = "/api/v1/";
    private const string RestPrefix = ApiPrefix + "namespaces/";

    /// <summary>The room's tables.</summary>
    public static MigrationSet Migrations => RuntimeSchema.Migrations;

    public static IServiceCollection AddRuntime(this IServiceCollection services, RuntimeOptions options)
    {
        services.AddSingleton(options);
        services.AddSingleton(EffectiveLimits.From(options));
        services.AddSingleton(Migrations);
        services.AddSingleton<INamespaceDirectory, IdentityNamespaces>();
        services.AddSingleton<IWorkspaceContents, NamespaceContents>();
        services.AddSingleton<IActionSandbox, PooledActionSandbox>();

        services.AddSingleton<EntityStore>();
        services.AddSingleton<EntityDirectory>();
        services.AddSingleton<ActionResolver>();
        services.AddSingleton<SequenceRules>();
        services.AddSingleton<ActionService>();
        services.AddSingleton<IActions>(provider => provider.GetRequiredService<ActionService>());

        services.AddSingleton<PackageService>();
        services.AddSingleton<IPackages>(provider => provider.GetRequiredService<PackageService>());

        services.AddSingleton<SystemCatalog>();
        services.AddSingleton<ISystemAction, EchoAction>();
        services.AddSingleton<ISystemAction, HandlerAction>();
        services.AddSingleton<ISystemAction, ValidateAction>();
        services.AddSingleton<PublicKeyCache>();
        services.AddSingleton(provider => new EventHandlers.EventHandlers(
            provider.GetRequiredService<EntityDirectory>(),
            provider.GetRequiredService<EntityStore>(),
            provider.GetRequiredService<ActionResolver>(),
            provider.GetRequiredService<EffectiveLimits>()));

        services.AddSingleton<NamespaceThrottle>();
        services.AddSingleton<BodyIntake>();
        services.AddSingleton<INamespaceUsage, UsageMeter>();
        services.AddSingleton<LiveLogHub>();
        services.AddSingleton<ILiveLogs>(provider => provider.GetRequiredService<LiveLogHub>());
        services.AddSingleton<Invoker>();
        services.AddSingleton<InvocationDesk>();
        services.AddSingleton<IInvocations, RequestedInvocations>();
        services.AddSingleton<ActivationStore>();
        services.AddSingleton<IActivations, ActivationBrowser>();

        services.AddSingleton<BasicAuthentication>();
        services.AddSingleton<RequestBodies>();
        services.AddSingleton<ServerInfo>();
        services.AddSingleton<RestEdge>();
        services.AddSingleton<RuntimeRoutes>();
        services.AddSingleton<NamespaceEndpoints>();
        services.AddSingleton<PackageEndpoints>();
        services.AddSingleton<ActionEndpoints>();
        services.AddSingleton<InvokeEndpoint>();
        services.AddSingleton<ActivationEndpoints>();
        services.AddSingleton<LimitsEndpoint>();
        services.AddSingleton<LogStreamEndpoint>();
        services.AddSingleton<InspectEndpoint>();
        services.AddSingleton<LoadEndpoint>();
        services.AddSingleton<WebActionEndpoint>();
        services.AddSingleton(provider => new DeliveryDoor(
            provider.GetRequiredService<WebActionEndpoint>(), provider.GetRequiredService<IHostApplicationLifetime>()));

        // Hosted services stop in the reverse order: first the invocations end, then their records are written out.
        services.AddSingleton<ActivationRecorder>();
        services.AddSingleton(provider => new ActivationFamily(provider.GetRequiredService<ActivationRecorder>()));
        services.AddSingleton<InFlightInvocations>();
        services.AddHostedService(provider => provider.GetRequiredService<ActivationRecorder>());
        services.AddHostedService(provider => provider.GetRequiredService<InFlightInvocations>());
        services.AddSingleton<ActivationRetention>();
        services.AddHostedService(provider => provider.GetRequiredService<ActivationRetention>());
        return services;
    }

    /// <summary>True for the one call of the REST API that is short enough to be served on its connection's event loop.</summary>
    public static bool IsInvocation(HttpContext context) =>
        context.Request.Path.Value!.StartsWith(RestPrefix, StringComparison.Ordinal) && HttpMethods.IsPost(context.Request.Method);

    /// <summary>
    /// Serves the REST API before anything else looks at the request: it answers every error itself, and a warm
    /// invocation is short enough to feel each layer above it. Put it first in the pipeline.
    /// </summary>
    public static void UseRuntime(this IApplicationBuilder app)
    {
        var edge = app.ApplicationServices.GetRequiredService<RestEdge>();
        var table = app.ApplicationServices.GetRequiredService<RuntimeRoutes>();
        Func<RuntimeCall, Task<Reply>> route = call => table.RouteAsync(call, call.Context.Request.Path.Value![ApiPrefix.Length..].Split('/'));
        app.Use(next => context =>
            context.Request.Path.Value!.StartsWith(RestPrefix, StringComparison.Ordinal) ? edge.ServeAsync(context, route) : next(context));
    }

    public static void MapRuntime(this IEndpointRouteBuilder routes)
    {
        var services = routes.ServiceProvider;
        var info = services.GetRequiredService<ServerInfo>();
        var edge = services.GetRequiredService<RestEdge>();
        var web = services.GetRequiredService<WebActionEndpoint>();
        var table = services.GetRequiredService<RuntimeRoutes>();

        routes.MapGet("/", context => Open(context, Reply.Ok(info.WriteRoot)));
        routes.MapGet("/runtime", context => Open(context, Reply.Ok(info.WriteRoot)));
        routes.MapGet("/ping", context => context.Response.WriteAsync("pong"));
        foreach (var prefix in (string[])["/api/v1", "/runtime/api/v1"])
        {
            Task ServeRest(HttpContext context) => edge.ServeAsync(
                context, call => table.RouteAsync(call, context.Request.Path.Value![(prefix.Length + 1)..].Split('/')));

            Task ServeWeb(HttpContext context) =>
                web.ServeAsync(context, context.Request.Path.Value![(prefix.Length + "/web/".Length)..]);

            routes.MapGet(prefix, context => Open(context, Reply.Ok(ServerInfo.WriteApi)));
            routes.Map(prefix + "/{**path}", (RequestDelegate)ServeRest);
            routes.Map(prefix + "/web/{**path}", (RequestDelegate)ServeWeb);
        }

        Task ServeLogForwarding(HttpContext context) => edge.ServeAsync(
            context, call => LogForwarding.ServeAsync(call, (string)context.GetRouteValue("ns")!));

        routes.Map("/runtime/namespaces/{ns}/logForwarding", (RequestDelegate)ServeLogForwarding);
    }

    private static Task Open(HttpContext context, Reply reply) =>
        RestEdge.WriteAsync(context, reply, TransactionId.Assign(context));
}
