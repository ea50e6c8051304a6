using Signalbox.Events;
using Signalbox.Server.ConsoleAccess;

namespace Signalbox.Server.Administration;

/// <summary>The operator's API, below <c>/admin</c>, for the command line.</summary>
internal static class AdminEndpoints
{
    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin").AddEndpointFilter(AdmitAsync);
        admin.MapEventsAdministration();
        admin.MapConsoleLink();
    }

    private static async ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next) =>
        context.HttpContext.RequestServices.GetRequiredService<AdminAccess>().Admits(context.HttpContext.Request)
            ? await next(context)
            : Results.Json(
                new AdminRefusal($"The administration API wants the token of the data directory's file '{AdminAccess.TokenFile}' as 'Authorization: Bearer TOKEN'."),
                statusCode: StatusCodes.Status401Unauthorized);

    private sealed record AdminRefusal(string Message);
}
