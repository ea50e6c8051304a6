using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Challenges;

/// <summary>
/// The challenge: first <c>GET ?challenge=…</c>, answered with the same value; if it is not, a <c>POST</c> with a
/// validation URL, which somebody has to open within 5 minutes.
/// </summary>
internal sealed partial class Challenge(
    WebhookClient client,
    ClientSecretLookup secrets,
    IRuntimeHandlers handlers,
    EventsOptions options,
    TraceStore traces,
    ValidationStore validations,
    ChallengeResults results,
    TimeProvider clock,
    ILogger<Challenge> logger) : IWebhookChallenge
{
    /// <summary>The event code of probes in traces.</summary>
    public const string EventCode = "challenge";

    private const string Provider = "adobe-io";

    /// <summary>Where validation URLs lead.</summary>
    public const string ValidationPath = "/csm/registrations/validate";

    /// <summary>How long a validation URL is good for.</summary>
    public static readonly TimeSpan ValidationTime = TimeSpan.FromMinutes(5);

    /// <inheritdoc />
    public async Task<WebhookStatus> ProbeAsync(Registration registration, CancellationToken cancellationToken)
    {
        var isOwnHandler = registration.RuntimeAction is not null;
        var url = isOwnHandler
            ? await handlers.FindUrlAsync(registration.WorkspaceId, registration.HandlerSuffix ?? "", cancellationToken)
            : registration.WebhookUrl;
        if (url is null)
        {
            await KeepAsync(registration, ChallengeResult.Failed, "There is no URL to challenge: the workspace has no Runtime namespace.");
            return WebhookStatus.VerificationFailed;
        }

        // An earlier validation URL proves nothing any more.
        await validations.RemoveAsync(registration.Key);
        var value = Guid.NewGuid().ToString("D");
        var get = await SendAsync(
            registration,
            new Probe(HttpMethod.Get, Append(url, value)) { ShownUrl = Append(url, Mask(value)).AbsoluteUri },
            cancellationToken);
        if (IsAnswered(get, value))
        {
            await KeepAsync(registration, ChallengeResult.Answered, "The GET was answered with the challenge.");
            return WebhookStatus.Verified;
        }

        // This server's own handlers answer at once or not at all.
        if (!isOwnHandler)
        {
            return await SendValidationAsync(registration, url, get, cancellationToken);
        }

        Log.NotAnswered(logger, registration.Id, get.Code);
        await KeepAsync(registration, ChallengeResult.Failed, DescribeGet(get));
        return WebhookStatus.VerificationFailed;
    }

    /// <inheritdoc />
    public async Task<WebhookStatus?> FindStandingAsync(Registration registration, CancellationToken cancellationToken) =>
        registration.WebhookUrl is not null
        && await validations.FindAsync(registration.Key, cancellationToken) is { } validation
        && validation.Webhook == registration.WebhookUrl
            ? validation.ValidatedAt is not null ? WebhookStatus.Verified
                : clock.GetUtcNow() < validation.ExpiresAt ? WebhookStatus.Accepted
                : WebhookStatus.VerificationFailed
            : null;

    private async Task<WebhookStatus> SendValidationAsync(Registration registration, Uri url, Exchange get, CancellationToken cancellationToken)
    {
        var value = Guid.NewGuid().ToString("D");
        var hash = ValidationStore.Hash(value);

        // Stored first: the URL may be opened before the POST is answered.
        await validations.ReplaceAsync(new Validation
        {
            RegistrationKey = registration.Key,
            Webhook = url,
            ChallengeHash = hash,
            ExpiresAt = clock.GetUtcNow() + ValidationTime,
        });
        var post = await SendAsync(
            registration,
            new Probe(HttpMethod.Post, url) { Body = ValidationBody(registration, value), ShownBody = ValidationBody(registration, Mask(value)) },
            cancellationToken);
        if (await FindStandingAsync(registration, cancellationToken) == WebhookStatus.Verified)
        {
            await KeepAsync(registration, ChallengeResult.Answered, "The validation URL was opened in time.");
            return WebhookStatus.Verified;
        }

        if (post.Code == 200)
        {
            Log.Waiting(logger, registration.Id, get.Code);
            await KeepAsync(registration, ChallengeResult.Waiting, $"{DescribeGet(get)} A validation URL was posted, which has to be opened within 5 minutes.");
            return WebhookStatus.Accepted;
        }

        await validations.RemoveAsync(registration.Key);
        Log.Failed(logger, registration.Id, url.Host, get.Code, post.Code);
        await KeepAsync(registration, ChallengeResult.Failed, $"{DescribeGet(get)} The POST with a validation URL {post.Told}, not 200.");
        return WebhookStatus.VerificationFailed;
    }

    private Task KeepAsync(Registration registration, string result, string explanation) =>
        results.KeepAsync(registration.Key, new ChallengeResult(clock.GetUtcNow(), result, explanation));

    private static string DescribeGet(Exchange get) => get.Code == 200
        ? "The GET was answered 200, but not with the challenge as text/plain or as the member 'challenge' of application/json."
        : $"The GET {get.Told}, not 200 with the challenge.";

    private byte[] ValidationBody(Registration registration, string challenge)
    {
        var url = new Uri(options.PublicUrl(), $"{ValidationPath}?id={registration.Id}&challenge={challenge}").AbsoluteUri;
        return Encoding.UTF8.GetBytes($$"""{"validationUrl":"{{url}}"}""");
    }

    private async Task<Exchange> SendAsync(Registration registration, Probe probe, CancellationToken cancellationToken)
    {
        var isOwnHandler = registration.RuntimeAction is not null;
        var id = $"{registration.Id}-probe-{clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var request = new OutgoingRequest
        {
            Method = probe.Method,
            Url = probe.Url,
            ShownUrl = probe.ShownUrl,
            ContentType = probe.Method == HttpMethod.Post ? "application/json; charset=utf-8" : null,
            Headers = await WriteHeadersAsync(registration, id, probe.Body, cancellationToken),
            Body = probe.Body,
            ShownBody = probe.ShownBody,
            Registration = registration.Id,
        };
        var exchange = await client.SendAsync(request, isOwnHandler, DeliveryTimeouts.Of(registration), cancellationToken);
        var endedAt = clock.GetUtcNow();
        await traces.InsertAsync(
            new DeliveryTrace
            {
                RegistrationKey = registration.Key,
                DeliveryId = id,
                EventCode = EventCode,
                Provider = Provider,
                Code = exchange.Code,
                Duration = exchange.EndedAt - exchange.StartedAt,
                IsSuccess = exchange.Code is >= 200 and <= 299,
                AttemptedAt = exchange.StartedAt,
                HeldBytes = TraceDocument.EstimateBytes(exchange),
                WriteDocument = () => TraceDocument.Write(
                    registration, id, EventCode, exchange, [new TraceInsight(Provider, EventCode, [id])], endedAt),
            },
            cancellationToken);
        return exchange;
    }

    /// <summary>Puts the challenge behind the URL's own query.</summary>
    internal static Uri Append(Uri url, string challenge)
    {
        var query = url.Query.TrimStart('?').TrimEnd('&');
        return new Uri($"{url.GetLeftPart(UriPartial.Path)}?{(query.Length == 0 ? "" : query + "&")}challenge={challenge}");
    }

    /// <summary>Every hex digit but the last four becomes an X (events behaviour, section 8).</summary>
    internal static string Mask(string challenge) => HexDigits().Replace(challenge[..^4], "X") + challenge[^4..];

    /// <summary>Status 200, and the value as text or as the member <c>challenge</c> of a JSON object.</summary>
    internal static bool IsAnswered(Exchange exchange, string challenge)
    {
        if (exchange.Code != 200)
        {
            return false;
        }

        // Some frameworks write a byte order mark before every text.
        var body = exchange.ResponseBody.Span.StartsWith(Encoding.UTF8.Preamble) ? exchange.ResponseBody[Encoding.UTF8.Preamble.Length..] : exchange.ResponseBody;
        var contentType = exchange.Header("content-type") ?? "";
        var mediaType = contentType.Split(';', 2)[0].Trim();
        return mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            ? IsAnsweredInJson(body, challenge)
            : (mediaType.Length == 0 || mediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                && Encoding.UTF8.GetString(body.Span).Trim().Trim('"').Trim() == challenge;
    }

    private static bool IsAnsweredInJson(ReadOnlyMemory<byte> body, string challenge)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement switch
            {
                { ValueKind: JsonValueKind.Object } root => root.TryGetProperty("challenge", out var value)
                    && value.ValueKind == JsonValueKind.String && value.ValueEquals(challenge),
                { ValueKind: JsonValueKind.String } text => text.GetString()?.Trim() == challenge,
                _ => false,
            };
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // The latter is half of a pair of surrogates, which no text can hold.
            return false;
        }
    }

    private async Task<IReadOnlyList<KeyValuePair<string, string>>> WriteHeadersAsync(
        Registration registration, string id, ReadOnlyMemory<byte> body, CancellationToken cancellationToken)
    {
        var headers = new List<KeyValuePair<string, string>>
        {
            new("accept-encoding", "deflate,compress,identity"),
            new("user-agent", "Adobe/1.0"),
            new("x-request-id", RequestWriter.NewRequestId()),
            new("x-adobe-event-code", EventCode),
            new("x-adobe-event-id", id),
            new("x-adobe-provider", Provider),
        };
        if (await secrets(registration.ClientId, cancellationToken) is { } secret)
        {
            headers.Add(new("x-adobe-signature", Signer.SignWithSecret(secret, body.Span)));
        }

        return headers;
    }

    [GeneratedRegex("[0-9a-fA-F]")]
    private static partial Regex HexDigits();

    private sealed record Probe(HttpMethod Method, Uri Url)
    {
        public string? ShownUrl { get; init; }

        public ReadOnlyMemory<byte> Body { get; init; }

        public ReadOnlyMemory<byte>? ShownBody { get; init; }
    }

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "The webhook of registration {Registration} did not answer its challenge (GET: {GetCode}) and was posted a validation URL, good for 5 minutes")]
        public static partial void Waiting(ILogger logger, RegistrationId registration, int getCode);

        [LoggerMessage(2, LogLevel.Warning, "The webhook of registration {Registration} at {Host} failed its challenge: the GET was answered {GetCode} without the challenge as text/plain or in application/json, and the POST with the validation URL {PostCode} instead of 200. Its traces show the answers")]
        public static partial void Failed(ILogger logger, RegistrationId registration, string host, int getCode, int postCode);

        [LoggerMessage(3, LogLevel.Warning, "The handler of registration {Registration} did not answer its challenge: {Code}. Its traces show the answer")]
        public static partial void NotAnswered(ILogger logger, RegistrationId registration, int code);
    }
}
