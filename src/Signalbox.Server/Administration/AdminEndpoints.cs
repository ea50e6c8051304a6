using System.Text;
using Signalbox.Events;
using Signalbox.Server.ConsoleAccess;

namespace Signalbox.Server.Administration;

/// <summary>The operator's API, below <c>/admin</c>, for the command line. The log tells of each use that changes something.</summary>
internal static partial class AdminEndpoints
{
    /// <summary>Of a body, in the log.</summary>
    private const int BodyCharsShown = 200;

    public static void MapAdministration(this IEndpointRouteBuilder routes)
    {
        var admin = routes.MapGroup("/admin").AddEndpointFilter(AdmitAsync);
        admin.MapEventsAdministration();
        admin.MapConsoleLink();
    }

    private static async ValueTask<object?> AdmitAsync(EndpointFilterInvocationContext context, EndpointFilterDelegate next)
    {
        if (!context.HttpContext.RequestServices.GetRequiredService<AdminAccess>().Admits(context.HttpContext.Request))
        {
            return Results.Json(
                new AdminRefusal($"The administration API wants the token of the data directory's file '{AdminAccess.TokenFile}' as 'Authorization: Bearer TOKEN'."),
                statusCode: StatusCodes.Status401Unauthorized);
        }

        if (!HttpMethods.IsGet(context.HttpContext.Request.Method))
        {
            await TellAsync(context.HttpContext);
        }

        return await next(context);
    }

    /// <summary>Tells the log what is asked, once it is answered. No body of this API holds a secret.</summary>
    private static async Task TellAsync(HttpContext context)
    {
        var logger = context.RequestServices.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(AdminEndpoints).FullName!);
        var request = context.Request;
        request.EnableBuffering();
        using var reader = new StreamReader(request.Body, Encoding.UTF8, leaveOpen: true);
        var shown = new char[BodyCharsShown];
        var body = new string(shown, 0, await reader.ReadBlockAsync(shown, context.RequestAborted)).ReplaceLineEndings(" ");
        request.Body.Position = 0;
        context.Response.OnCompleted(() =>
        {
            Log.Administered(logger, request.Method, request.Path, request.QueryString.Value, body, context.Response.StatusCode);
            return Task.CompletedTask;
        });
    }

    private sealed record AdminRefusal(string Message);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "An operator asked for {Method} {Path}{Query} {Body}: {Status}")]
        public static partial void Administered(ILogger logger, string method, string path, string? query, string body, int status);
    }
}
