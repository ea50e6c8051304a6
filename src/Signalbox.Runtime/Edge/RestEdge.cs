using System.Data.Common;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Signalbox.Storage;

namespace Signalbox.Runtime.Edge;

/// <summary>
/// The outermost layer of the REST API: transaction id, CORS, credentials, and the one place where refusals and
/// exceptions become responses (OpenWhisk behaviour, section 0).
/// </summary>
internal sealed partial class RestEdge(BasicAuthentication authentication, ILogger<RestEdge> logger)
{
    private const string AllowedHeaders = "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent";
    private const string AllowedMethods = "GET, DELETE, POST, PUT, HEAD";

    /// <summary>Authenticates, routes and answers.</summary>
    public async Task ServeAsync(HttpContext context, Func<RuntimeCall, Task<Reply>> route)
    {
        var transactionId = TransactionId.Assign(context);
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowHeaders = AllowedHeaders;
        headers.AccessControlAllowMethods = AllowedMethods;
        if (HttpMethods.IsOptions(context.Request.Method))
        {
            return;
        }

        Reply reply;
        try
        {
            reply = (await authentication.AuthenticateAsync(context.Request.Headers.Authorization, context.RequestAborted))
                .IsRefused(out var refusal, out var caller)
                ? refusal
                : await route(new RuntimeCall(context, caller, transactionId));
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (BadHttpRequestException exception)
        {
            reply = new Refusal(exception.StatusCode, "The request could not be read: " + exception.Message);
        }
        catch (IOException) when (context.RequestAborted.IsCancellationRequested)
        {
            return;
        }
        catch (DbException exception) when (StorageFault.Explain(exception) is { } reason)
        {
            Log.StorageRefused(logger, transactionId, reason);
            reply = Refusal.Overloaded;
        }
#pragma warning disable CA1031 // The outermost layer: whatever is left is a bug, told in the log and not to the caller.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Log.Broken(logger, exception, transactionId);
            reply = Refusal.InternalError;
        }

        await WriteAsync(context, reply, transactionId);
    }

    /// <summary>Writes a reply without asking for credentials.</summary>
    public static Task WriteAsync(HttpContext context, Reply reply, string transactionId)
    {
        var response = context.Response;
        response.StatusCode = reply.Status;
        if (reply.ActivationId is { } activationId)
        {
            response.Headers["x-openwhisk-activation-id"] = activationId;
        }

        if (reply.Status == StatusCodes.Status401Unauthorized)
        {
            response.Headers.WWWAuthenticate = BasicAuthentication.Challenge;
        }

        if (reply.Refusal is { } refusal)
        {
            refusal.WriteHeaders(response);
            return WriteBodyAsync(response, Json.Write(writer => ErrorBody.Write(writer, refusal.Error, transactionId)));
        }

        if (reply.Stream is { } stream)
        {
            return stream(context);
        }

        if (reply.Json is { } json)
        {
            return WriteBodyAsync(response, json);
        }

        return reply.Body is { } body ? WriteBodyAsync(response, Json.Write(body)) : Task.CompletedTask;
    }

    private static Task WriteBodyAsync(HttpResponse response, ReadOnlyMemory<byte> body)
    {
        response.ContentType = "application/json";
        response.ContentLength = body.Length;
        return response.Body.WriteAsync(body).AsTask();
    }

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "The storage refused request {TransactionId}: {Reason}")]
        public static partial void StorageRefused(ILogger logger, string transactionId, string reason);

        [LoggerMessage(1, LogLevel.Error, "Request {TransactionId} failed because of a bug in this server")]
        public static partial void Broken(ILogger logger, Exception exception, string transactionId);
    }
}
