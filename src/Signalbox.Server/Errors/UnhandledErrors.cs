using System.Data.Common;
using System.Text.Encodings.Web;
using System.Text.Json;
using Microsoft.AspNetCore.Diagnostics;
using Signalbox.Identity;
using Signalbox.Storage;

namespace Signalbox.Server.Errors;

/// <summary>
/// The last line: what no room answered. A request that the server could not read gets the fault's own status;
/// a bug gets 500 with an id that stands in the log beside the exception. No stack trace leaves the server.
/// </summary>
internal sealed partial class UnhandledErrors(ILogger<UnhandledErrors> logger) : IExceptionHandler
{
    /// <summary>Leaves quotes and letters readable; the bodies are JSON, never part of a page.</summary>
    private static readonly JsonSerializerOptions _readable = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public async ValueTask<bool> TryHandleAsync(HttpContext context, Exception exception, CancellationToken cancellationToken)
    {
        var id = RequestId.Restore(context);
        if (exception is OperationCanceledException && context.RequestAborted.IsCancellationRequested)
        {
            context.Response.StatusCode = StatusCodes.Status499ClientClosedRequest;
            return true;
        }

        if (exception is BadHttpRequestException bad)
        {
            await WriteAsync(context, bad.StatusCode, Explain(bad));
            return true;
        }

        if (exception is DbException refusal && StorageFault.Explain(refusal) is { } reason)
        {
            // The request was not done, and may be sent again.
            Log.StorageRefused(logger, context.Request.Method, context.Request.Path, id, reason);
            context.Response.Headers.RetryAfter = "5";
            await WriteAsync(context, StatusCodes.Status503ServiceUnavailable, "The storage does not take this now; try again. The server's log says why.");
            return true;
        }

        Log.Unhandled(logger, exception, context.Request.Method, context.Request.Path, id);
        await WriteAsync(context, StatusCodes.Status500InternalServerError, $"There was an internal server error. Its id in the server's log is {id}.");
        return true;
    }

    /// <summary>A JSON body for a status that nobody gave one, such as an unknown path: in the form of the API that was called.</summary>
    public static Task WriteAsync(HttpContext context, int status, string error)
    {
        if (!context.Request.Path.StartsWithSegments("/api/v1") && !context.Request.Path.StartsWithSegments("/runtime"))
        {
            return new ApiErrorResult(status, error).ExecuteAsync(context);
        }

        var id = RequestId.Of(context);
        context.Response.StatusCode = status;
        context.Response.ContentType = "application/json";
        return context.Response.WriteAsync(
            $$"""{"error":{{JsonSerializer.Serialize(error, _readable)}},"code":{{JsonSerializer.Serialize(id, _readable)}}}""", context.RequestAborted);
    }

    /// <summary>The body of a bare status, such as that of a path or method that no route takes.</summary>
    public static Task ExplainStatusAsync(HttpContext context) => WriteAsync(
        context,
        context.Response.StatusCode,
        context.Response.StatusCode switch
        {
            StatusCodes.Status404NotFound => $"There is nothing at '{Shown(context.Request.Path)}'. The APIs are below /events, /ingress, /api/v1 and /ims; check the path.",
            StatusCodes.Status405MethodNotAllowed => $"'{Shown(context.Request.Path)}' does not take {Shown(context.Request.Method)}; it takes {context.Response.Headers.Allow}.",
            StatusCodes.Status415UnsupportedMediaType => $"The content type '{Shown(context.Request.ContentType)}' is not taken here; send application/json.",
            var status => $"{Microsoft.AspNetCore.WebUtilities.ReasonPhrases.GetReasonPhrase(status)}. The request cannot be answered as it is; see the API's description.",
        });

    /// <summary>A caller's value in a message: shortened, so that the answer stays small.</summary>
    private static string Shown(string? value) => value is { Length: > 200 } ? string.Concat(value.AsSpan(0, 200), "…") : value ?? "";

    private static string Explain(BadHttpRequestException bad) =>
        bad.InnerException is JsonException json ? $"The request's JSON cannot be read: {json.Message}" : bad.Message;

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "The storage refused {Method} {Path}, id {Id}: {Reason}")]
        public static partial void StorageRefused(ILogger logger, string method, string path, string id, string reason);

        [LoggerMessage(1, LogLevel.Error, "Unhandled error of {Method} {Path}, id {Id}")]
        public static partial void Unhandled(ILogger logger, Exception exception, string method, string path, string id);
    }
}
