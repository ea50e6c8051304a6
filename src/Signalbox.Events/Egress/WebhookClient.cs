using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Logging;
using Signalbox.Events.ClientCertificates;
using Signalbox.Events.Delivery;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Egress;

/// <summary>
/// Sends one request and tells what came of it. Follows no redirects, keeps no cookies, reads bodies up to a limit, and
/// undoes the encodings that requests admit (events behaviour, section 7.2). Never throws for what an endpoint does.
/// </summary>
internal sealed partial class WebhookClient : IDisposable
{
    /// <summary>What is kept of a response's body, in bytes; one more than traces show, so that they know it was cut.</summary>
    private const int KeptBytesMax = (64 << 10) + 4;

    /// <summary>What is kept of an encoded body, in bytes: what does not compress is a little longer encoded than it is.</summary>
    private const int KeptEncodedBytesMax = 2 * KeptBytesMax;

    /// <summary>What is read of a response's head, in KiB.</summary>
    private const int HeadKibMax = 32;

    /// <summary>What is read of a response's body to keep its connection, in bytes.</summary>
    internal const int ReadBytesMax = 1 << 20;

    /// <summary>Of those that were kept from earlier requests several may have been closed.</summary>
    private const int ConnectionsPerAttemptMax = 4;

    private const int StatusMin = 100;
    private const int StatusMax = 599;

    /// <summary>Only for what outlives its attempt, whose own end comes first and says 604.</summary>
    private static readonly TimeSpan _connectTimeout = DeliveryTimeouts.Webhook + TimeSpan.FromSeconds(5);

    private static readonly HttpRequestOptionsKey<Socket?> _socketOf = new("signalbox.socket");

    private readonly TimeProvider _clock;
    private readonly ILogger<WebhookClient> _logger;
    private readonly IRuntimeHandlers _ownHandlers;
    private readonly HttpMessageInvoker _operators;
    private readonly Lock _renewing = new();
    private readonly PresentedCertificates? _certificates;
    private readonly Func<ClientIdentity?, HttpMessageInvoker> _makeWebhooks;
    private volatile WebhookSender _webhooks;
    private HttpMessageInvoker? _earlier;

    public WebhookClient(CheckedConnector connector, IRuntimeHandlers ownHandlers, EventsOptions options, TimeProvider clock,
        ILogger<WebhookClient> logger, PresentedCertificates? certificates = null)
    {
        (_ownHandlers, _clock, _logger, _certificates) = (ownHandlers, clock, logger, certificates);
        var trusted = new TrustedAuthorities(options);
        _makeWebhooks = identity => Invoker(connector.ConnectToWebhookAsync, options, trusted, identity);
        _webhooks = new WebhookSender(null, _makeWebhooks(null));
        _operators = Invoker(ConnectToOperatorsAsync, options, trusted);
    }

    /// <summary>Sends a request.</summary>
    /// <param name="request">The request.</param>
    /// <param name="isOwnHandler">It goes to this server's own handler, and may go nowhere else.</param>
    /// <param name="limit">For the whole attempt: name, connection, TLS, request and response.</param>
    /// <param name="cancellationToken">Abandons the attempt.</param>
    /// <exception cref="OperationCanceledException">It was abandoned.</exception>
    public Task<Exchange> SendAsync(OutgoingRequest request, bool isOwnHandler, TimeSpan limit, CancellationToken cancellationToken) =>
        SendAsync(request, isOwnHandler ? _ownHandlers.SendAsync : Webhooks().SendAsync, limit, cancellationToken);

    private async Task<Exchange> SendAsync(
        OutgoingRequest request,
        Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send,
        TimeSpan limit,
        CancellationToken cancellationToken)
    {
        var startedAt = _clock.GetUtcNow();
        using var deadline = new CancellationTokenSource(limit, _clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            using var response = await SendOnLiveConnectionAsync(request, send, end.Token);
            RefuseUnknownStatus((int)response.StatusCode);
            var body = await ReadAsync(response, end.Token);
            end.Token.ThrowIfCancellationRequested();
            return new Exchange
            {
                Request = request,
                StartedAt = startedAt,
                EndedAt = _clock.GetUtcNow(),
                Code = (int)response.StatusCode,
                ResponseHeaders = ReadHeaders(response),
                ResponseBody = body,
            };
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            throw;
        }
#pragma warning disable CA1031 // Whatever goes wrong on the way is an outcome of the attempt.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            return Failed(request, startedAt, deadline.IsCancellationRequested ? TransportFailure.Timeout(limit) : TransportFailure.From(exception));
        }
    }

    /// <summary>
    /// Sends a request to an address that the operator has set, and that no customer can choose: it may be anywhere. Otherwise
    /// as any other.
    /// </summary>
    /// <exception cref="OperationCanceledException">It was abandoned.</exception>
    public Task<Exchange> SendToOperatorAsync(OutgoingRequest request, TimeSpan limit, CancellationToken cancellationToken) =>
        SendAsync(request, _operators.SendAsync, limit, cancellationToken);

    /// <summary>An exchange that could not even begin.</summary>
    public Exchange Refuse(OutgoingRequest request, string reason) =>
        Failed(request, _clock.GetUtcNow(), TransportFailure.From(new TargetRefusedException(reason)));

    /// <summary>An exchange whose time was over before there was a request to send.</summary>
    public Exchange TimeOut(OutgoingRequest request, DateTimeOffset startedAt, TimeSpan limit) =>
        Failed(request, startedAt, TransportFailure.Timeout(limit));

    public void Dispose()
    {
        _webhooks.Invoker.Dispose();
        _earlier?.Dispose();
        _operators.Dispose();
    }

    /// <summary>The sender that presents today's certificate: connections keep the one that they were made with.</summary>
    private HttpMessageInvoker Webhooks()
    {
        var identity = _certificates?.Presented;
        if (_webhooks is var sender && ReferenceEquals(sender.Identity, identity))
        {
            return sender.Invoker;
        }

        lock (_renewing)
        {
            if (!ReferenceEquals(_webhooks.Identity, identity))
            {
                // Attempts under way keep the last one; what was before it has long ended.
                _earlier?.Dispose();
                _earlier = _webhooks.Invoker;
                _webhooks = new WebhookSender(identity, _makeWebhooks(identity));
            }

            return _webhooks.Invoker;
        }
    }

    private static HttpMessageInvoker Invoker(
        Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect, EventsOptions options,
        TrustedAuthorities trusted, ClientIdentity? identity = null) => new(
        new SocketsHttpHandler
        {
            ConnectCallback = async (context, cancellationToken) =>
            {
                var stream = await connect(context, cancellationToken);
                context.InitialRequestMessage.Options.Set(_socketOf, (stream as NetworkStream)?.Socket);
                return stream;
            },
            PlaintextStreamFilter = (context, _) =>
            {
                context.InitialRequestMessage.Options.TryGetValue(_socketOf, out var socket);
                return ValueTask.FromResult<Stream>(new KeptConnection(context.PlaintextStream, socket));
            },
            AllowAutoRedirect = false,
            AutomaticDecompression = System.Net.DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
            MaxConnectionsPerServer = options.ConcurrencyMax,
            ConnectTimeout = _connectTimeout,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            PooledConnectionIdleTimeout = TimeSpan.FromSeconds(30),
            MaxResponseHeadersLength = HeadKibMax,
            MaxResponseDrainSize = 0,
            SslOptions =
            {
                CertificateChainPolicy = TrustedAuthorities.Policy(),
                RemoteCertificateValidationCallback = trusted.Judge,
                ClientCertificateContext = identity?.Context,
            },
        });

    private static async ValueTask<Stream> ConnectToOperatorsAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken) =>
        await CheckedConnector.ConnectAsync(
            await System.Net.Dns.GetHostAddressesAsync(context.DnsEndPoint.Host, cancellationToken), context.DnsEndPoint.Port, cancellationToken);

    /// <summary>
    /// A request that crossed the end of a kept connection has reached nobody: it goes again at once, by another one.
    /// </summary>
    private static async Task<HttpResponseMessage> SendOnLiveConnectionAsync(
        OutgoingRequest request, Func<HttpRequestMessage, CancellationToken, Task<HttpResponseMessage>> send, CancellationToken cancellationToken)
    {
        for (var connections = 1; ; connections++)
        {
            using var message = Compose(request);
            try
            {
                return await send(message, cancellationToken);
            }
            catch (HttpRequestException exception) when (exception.InnerException is StaleConnectionException && connections < ConnectionsPerAttemptMax)
            {
                // The next is another one, or a new one.
            }
        }
    }

    /// <summary>What HTTP has no name for would look like one of our own codes.</summary>
    private static void RefuseUnknownStatus(int status)
    {
        if (status is < StatusMin or > StatusMax)
        {
            throw new HttpRequestException(HttpRequestError.InvalidResponse, $"The answer's status was {status:000}; those of HTTP are {StatusMin} to {StatusMax}.");
        }
    }

    private static HttpRequestMessage Compose(OutgoingRequest request)
    {
        var message = new HttpRequestMessage(request.Method, request.Url) { Version = System.Net.HttpVersion.Version11 };
        if (request.Method != HttpMethod.Get)
        {
            message.Content = new ReadOnlyMemoryContent(request.Body);
            message.Content.Headers.TryAddWithoutValidation("content-type", request.ContentType);
        }

        Add(message, request.Headers);
        Add(message, request.HiddenHeaders);
        return message;
    }

    private static void Add(HttpRequestMessage message, IReadOnlyList<KeyValuePair<string, string>> headers)
    {
        foreach (var (name, value) in headers)
        {
            message.Headers.TryAddWithoutValidation(name, value);
        }
    }

    private static List<KeyValuePair<string, IReadOnlyList<string>>> ReadHeaders(HttpResponseMessage response)
    {
        var headers = new List<KeyValuePair<string, IReadOnlyList<string>>>(8);
        foreach (var (name, values) in response.Headers.NonValidated)
        {
            headers.Add(new(name.ToLowerInvariant(), [.. values]));
        }

        foreach (var (name, values) in response.Content.Headers.NonValidated)
        {
            headers.Add(new(name.ToLowerInvariant(), [.. values]));
        }

        return headers;
    }

    private static async Task<ReadOnlyMemory<byte>> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken)
    {
        // What follows a 101 is another protocol, which nobody asked for: it has no end to wait for.
        if (response.StatusCode == System.Net.HttpStatusCode.SwitchingProtocols || response.Content.Headers.ContentLength == 0)
        {
            return default;
        }

        var coding = response.Content.Headers.ContentEncoding is { Count: 1 } codings && codings.First() is var only && ContentCoding.IsKnown(only) ? only : null;
        var keptMax = coding is null ? KeptBytesMax : KeptEncodedBytesMax;
        await using var stream = await response.Content.ReadAsStreamAsync(cancellationToken);
        using var kept = new MemoryStream();
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(16 << 10);
        try
        {
            var total = 0;
            int count;
            while (total < ReadBytesMax && (count = await stream.ReadAsync(buffer, cancellationToken)) > 0)
            {
                total += count;
                kept.Write(buffer.AsSpan(0, Math.Min(count, keptMax - (int)kept.Length)));
            }
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }

        return coding is not null && kept.Length > 0
            ? ContentCoding.Decode(coding, kept.ToArray(), KeptBytesMax)
            : kept.GetBuffer().AsMemory(0, (int)kept.Length);
    }

    private Exchange Failed(OutgoingRequest request, DateTimeOffset startedAt, TransportFailure failure)
    {
        Log.NoResponse(_logger, request.Url.Host, request.Url.Port, NameOf(request), failure.Reference, failure.Code, failure.Kind, failure.Causes[^1].ToString());
        return new Exchange
        {
            Request = request,
            StartedAt = startedAt,
            EndedAt = _clock.GetUtcNow(),
            Code = failure.Code,
            IsTargetRefused = failure.IsTargetRefused,
            IsOurFault = failure.IsOurFault,
            FailureReason = failure.Reason,
            ResponseBody = Encoding.UTF8.GetBytes(failure.ToString()),
        };
    }

    private static string NameOf(OutgoingRequest request) => request switch
    {
        { EventId: { } eventId } => $"event {eventId} of registration {request.Registration}",
        { Registration: { } registration } => $"the challenge of registration {registration}",
        _ => "a notice",
    };

    private sealed record WebhookSender(ClientIdentity? Identity, HttpMessageInvoker Invoker);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "No response from {Host}:{Port} to {Request} ({Reference}): {Code} {Kind} {Cause}")]
        public static partial void NoResponse(ILogger logger, string host, int port, string request, Guid reference, int code, string kind, string cause);
    }
}
