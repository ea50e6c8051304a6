using System.Diagnostics;
using Signalbox.Identity;

namespace Signalbox.Server.Errors;

/// <summary>
/// Gives every request its id (<see cref="RequestId"/>) before anything else looks at it, and tells the log of each answer
/// when it is asked to: <c>Logging:LogLevel:Signalbox.Server.Requests</c> = <c>Debug</c>. The runtime's API does the same by rules of its own.
/// </summary>
internal static partial class RequestIds
{
    public static void UseRequestIds(this IApplicationBuilder app)
    {
        var logger = app.ApplicationServices.GetRequiredService<ILoggerFactory>().CreateLogger("Signalbox.Server.Requests");
        app.Use(next => context =>
        {
            var id = RequestId.Assign(context);
            return logger.IsEnabled(LogLevel.Debug) ? ServeAndTellAsync(context, next, logger, id) : next(context);
        });
    }

    private static async Task ServeAndTellAsync(HttpContext context, RequestDelegate next, ILogger logger, string id)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await next(context);
        }
        finally
        {
            Log.Answered(logger, context.Request.Method, context.Request.Path, context.Response.StatusCode, Stopwatch.GetElapsedTime(start).TotalMilliseconds, id);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Debug, "{Method} {Path}: {Status} after {Milliseconds} ms, id {Id}")]
        public static partial void Answered(ILogger logger, string method, string path, int status, double milliseconds, string id);
    }
}
