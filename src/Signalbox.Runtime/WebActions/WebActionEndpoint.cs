using System.Data.Common;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Signalbox.Identity;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;
using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;
using Signalbox.Runtime.Invocations;
using Signalbox.Runtime.Limits;
using Signalbox.Runtime.Namespaces;
using Signalbox.Storage;

namespace Signalbox.Runtime.WebActions;

/// <summary><c>/api/v1/web/{ns}/{package}/{action}</c> (OpenWhisk behaviour, section 3).</summary>
internal sealed partial class WebActionEndpoint(
    INamespaceDirectory namespaces,
    BasicAuthentication authentication,
    ActionResolver resolver,
    InvocationDesk desk,
    RequestBodies bodies,
    ActivationRecorder recorder,
    EffectiveLimits limits,
    RuntimeOptions options,
    ILogger<WebActionEndpoint> logger)
{
    private const string Methods = "OPTIONS, GET, DELETE, POST, PUT, HEAD, PATCH";
    private const string DefaultAllowedHeaders = "Authorization, Origin, X-Requested-With, Content-Type, Accept, User-Agent";

    /// <summary>
    /// The console stands on the same origin: a page of somebody's action must not act for who is signed in there. It keeps its
    /// scripts and forms, and gets an origin of its own.
    /// </summary>
    private const string PageSandbox =
        "sandbox allow-downloads allow-forms allow-modals allow-popups allow-popups-to-escape-sandbox allow-scripts allow-top-navigation-by-user-activation";

    private static readonly HashSet<string> _methods = [.. Methods.Split(", ")];

    private static readonly HashSet<string> _hidden = ["x-ow-extra-logging", "timeout-access"];
    private static readonly HashSet<string> _hiddenWithRequestId = [.. _hidden, "x-request-id"];

    private static readonly Refusal _notAllowed =
        new(401, "Authentication is possible but has failed or not yet been provided.");

    private static readonly Refusal _notReady = new(202, "Response not yet ready.");

    /// <summary>Answers a request.</summary>
    /// <param name="context">The request.</param>
    /// <param name="path">What stands behind <c>/web/</c>.</param>
    /// <param name="isDelivery">
    /// It is a delivery of this server's own: not throttled, because its pace is the delivery window's, and answered after
    /// its records are committed.
    /// </param>
    public async Task ServeAsync(HttpContext context, string path, bool isDelivery = false)
    {
        var transactionId = TransactionId.Assign(context);
        try
        {
            if (!_methods.Contains(context.Request.Method))
            {
                AllowOrigins(context);
                await WriteErrorAsync(context, Refusal.MethodNotAllowed(Methods), transactionId);
                return;
            }

            await AnswerAsync(context, path, transactionId, isDelivery);
        }
        catch (Exception exception) when (context.RequestAborted.IsCancellationRequested && exception is OperationCanceledException or IOException)
        {
            // Nobody is left to be answered; the activation, if one began, goes on.
        }
        catch (BadHttpRequestException exception)
        {
            await WriteErrorAsync(
                context, new Refusal(exception.StatusCode, "The request could not be read: " + exception.Message), transactionId);
        }
        catch (DbException exception) when (StorageFault.Explain(exception) is { } reason && !context.Response.HasStarted)
        {
            Log.StorageRefused(logger, transactionId, reason);
            await WriteErrorAsync(context, Refusal.Overloaded, transactionId);
        }
#pragma warning disable CA1031 // The outermost layer: whatever is left is a bug, told in the log and not to the caller.
        catch (Exception exception) when (!context.Response.HasStarted)
#pragma warning restore CA1031
        {
            Log.Broken(logger, exception, transactionId);
            await WriteErrorAsync(context, Refusal.InternalError, transactionId);
        }
    }

    private async Task AnswerAsync(HttpContext context, string path, string transactionId, bool isDelivery)
    {
        if ((await FindAsync(path, context.RequestAborted)).IsRefused(out var refusal, out var target))
        {
            AllowOrigins(context);
            await WriteErrorAsync(context, refusal, transactionId);
            return;
        }

        var isOptions = HttpMethods.IsOptions(context.Request.Method);
        if (!target.Action.Action.Annotations.IsTruthy("web-custom-options"))
        {
            AllowOrigins(context);
            if (isOptions)
            {
                return;
            }
        }

        var user = await FindUserAsync(context);
        if (!isOptions && !IsAllowed(context.Request, target.Action, user))
        {
            await WriteErrorAsync(context, _notAllowed, transactionId);
            return;
        }

        refusal = desk.Count(target.Owner.Name, isDelivery);
        if (refusal is not null || (await ReadPayloadAsync(context, target, user, isDelivery)).IsRefused(out refusal, out var payload))
        {
            await WriteErrorAsync(context, refusal, transactionId);
            return;
        }

        var invocation = desk.Prepare(context.Request, target.Owner, target.Action, payload, transactionId, isBlocking: true);
        await InvokeAsync(context, target, invocation, isDelivery);
    }

    private async Task InvokeAsync(HttpContext context, Target target, Invocation invocation, bool isDelivery)
    {
        var transactionId = invocation.TransactionId;
        if (desk.Admit(target.Owner.Name, isDelivery).IsRefused(out var refusal, out var admission)
            || desk.Start(admission, invocation).IsRefused(out refusal, out var running))
        {
            await WriteErrorAsync(context, refusal, transactionId);
            return;
        }

        context.Response.Headers["x-openwhisk-activation-id"] = invocation.ActivationId;
        // A delivery gives up by itself; both limits at one time would leave to chance whether it was answered 202.
        if (await desk.WaitAsync(running, isDelivery ? 2 * options.BlockingWait : options.BlockingWait) is not { } activation)
        {
            await WriteErrorAsync(context, _notReady, transactionId);
            return;
        }

        if (isDelivery)
        {
            // Once answered, a delivery is never repeated: its trace must not name activations that a crash took away.
            await recorder.WaitPatientlyForCommitAsync(context.RequestAborted);
        }

        if (activation.IsOverload)
        {
            await WriteErrorAsync(context, Refusal.Overloaded, transactionId);
            return;
        }

        await WriteAsync(context, ResultProjection.Project(activation, target.Path.Extension), transactionId, isDelivery);
    }

    private async Task<Outcome<ReadOnlyMemory<byte>>> ReadPayloadAsync(HttpContext context, Target target, string? user, bool isDelivery)
    {
        if ((await bodies.ReadAsync(context, isDelivery ? null : target.Owner.Name, isDelivery ? limits.DeliveryBytesMax : limits.PayloadBytesMax)).IsRefused(out var refusal, out var body))
        {
            return refusal;
        }

        // Upstream keeps its transaction id from actions; the hosted service hands it on, and event handlers need it.
        var keepsRequestId = options.Profile == RuntimeProfile.Adobe
            || target.Action.Action.Annotations.Find("event_handler_sequence") is not null;
        return new WebArguments
        {
            Request = context.Request,
            Path = target.Path,
            Body = body,
            User = user,
            HiddenHeaders = keepsRequestId ? _hidden : _hiddenWithRequestId,
        }.ToPayload(target.Action);
    }

    /// <summary>What is missing and what is not exported look the same: 404.</summary>
    private async Task<Outcome<Target>> FindAsync(string path, CancellationToken cancellationToken)
    {
        if (WebActionPath.Parse(path) is not { } parsed
            || await namespaces.FindAsync(parsed.Namespace, cancellationToken) is not { } owner
            || (await resolver.ResolveAsync(new EntityName(parsed.Namespace, parsed.Package, parsed.Action), cancellationToken))
                .IsRefused(out _, out var action)
            || !action.Action.IsWeb
            || AccessRules.FindObjection(owner, action) is not null)
        {
            return Refusal.NotFound;
        }

        return new Target(parsed, owner, action);
    }

    /// <summary>The namespace that the caller signed in to; wrong credentials are as good as none.</summary>
    private async ValueTask<string?> FindUserAsync(HttpContext context)
    {
        var header = context.Request.Headers.Authorization.ToString();
        return header.Length == 0
            || (await authentication.AuthenticateAsync(header, context.RequestAborted)).IsRefused(out _, out var caller)
                ? null
                : caller.Name;
    }

    private static bool IsAllowed(HttpRequest request, ResolvedAction action, string? user) =>
        action.Action.Annotations.Find("require-whisk-auth") switch
        {
            null or { ValueKind: JsonValueKind.False or JsonValueKind.Null } => true,
            { ValueKind: JsonValueKind.True } => user is not null,
            { ValueKind: JsonValueKind.String } secret => Matches(request, secret.GetString()!),
            { ValueKind: JsonValueKind.Number } secret => Matches(request, secret.GetRawText()),
            _ => false,
        };

    private static bool Matches(HttpRequest request, string secret) => CryptographicOperations.FixedTimeEquals(
        Encoding.UTF8.GetBytes(request.Headers["X-Require-Whisk-Auth"].ToString()), Encoding.UTF8.GetBytes(secret));

    private static void AllowOrigins(HttpContext context)
    {
        var asked = context.Request.Headers.AccessControlRequestHeaders.ToString();
        var headers = context.Response.Headers;
        headers.AccessControlAllowOrigin = "*";
        headers.AccessControlAllowMethods = Methods;
        headers.AccessControlAllowHeaders = asked.Length > 0 && Ascii.IsValid(asked) ? asked : DefaultAllowedHeaders;
    }

    private static Task WriteAsync(HttpContext context, WebResponse projected, string transactionId, bool isDelivery)
    {
        if (projected.Refusal is { } refusal)
        {
            return WriteErrorAsync(context, refusal, transactionId);
        }

        var response = context.Response;
        if (projected.ContentType is { } contentType && !Accepts(context.Request, contentType))
        {
            return WriteErrorAsync(
                context, new Refusal(406, "Resource representation is only available with these types:\n" + contentType), transactionId);
        }

        response.StatusCode = projected.Status;
        foreach (var (name, values) in projected.Headers)
        {
            if ((isDelivery ? values : OriginGuard.Keep(name, values)) is { Length: > 0 } kept)
            {
                response.Headers[name] = kept;
            }
        }

        if (!isDelivery)
        {
            // Beside a policy of the action's own: all of them hold.
            response.Headers.Append(HeaderNames.ContentSecurityPolicy, PageSandbox);
        }

        // These answers have no body by definition, and the web server would refuse one.
        if (projected.ContentType is null || projected.Status is 204 or 205 or 304)
        {
            return Task.CompletedTask;
        }

        response.ContentType = projected.ContentType;
        response.ContentLength = projected.Body.Length;
        return response.Body.WriteAsync(projected.Body).AsTask();
    }

    private static bool Accepts(HttpRequest request, string contentType)
    {
        var header = request.Headers.Accept;
        if (header.Count == 0
            || !MediaTypeHeaderValue.TryParseList(header, out var accepted)
            || !MediaTypeHeaderValue.TryParse(contentType, out var produced))
        {
            return true;
        }

        return accepted.Any(range => range.Quality is not 0
            && (range.MatchesAllTypes
                || (range.Type.Equals(produced.Type, StringComparison.OrdinalIgnoreCase)
                    && (range.MatchesAllSubTypes || range.SubType.Equals(produced.SubType, StringComparison.OrdinalIgnoreCase)))));
    }

    private static Task WriteErrorAsync(HttpContext context, Refusal refusal, string transactionId)
    {
        var body = Json.WritePretty(writer => ErrorBody.Write(writer, refusal.Error, transactionId));
        context.Response.StatusCode = refusal.Status;
        refusal.WriteHeaders(context.Response);
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = body.Length;
        return context.Response.Body.WriteAsync(body).AsTask();
    }

    private sealed record Target(WebActionPath Path, NamespaceIdentity Owner, ResolvedAction Action);

    private static partial class Log
    {
        [LoggerMessage(2, LogLevel.Error, "The storage refused web request {TransactionId}: {Reason}")]
        public static partial void StorageRefused(ILogger logger, string transactionId, string reason);

        [LoggerMessage(1, LogLevel.Error, "Web request {TransactionId} failed because of a bug in this server")]
        public static partial void Broken(ILogger logger, Exception exception, string transactionId);
    }
}
