using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Registrations;
using Signalbox.Events.Signing;
using Signalbox.Events.Tracing;

namespace Signalbox.Events.Challenges;

/// <summary>The synchronous challenge: <c>GET ?challenge=…</c>, answered with the same value.</summary>
internal sealed partial class Challenge(
    WebhookClient client,
    ClientSecretLookup secrets,
    IRuntimeHandlers handlers,
    EventsOptions options,
    TraceStore traces,
    TimeProvider clock) : IWebhookChallenge
{
    private const string EventCode = "challenge";

    private const string Provider = "adobe-io";

    /// <inheritdoc />
    public async Task<WebhookStatus> ProbeAsync(Registration registration, CancellationToken cancellationToken)
    {
        var isOwnHandler = registration.RuntimeAction is not null;
        var url = isOwnHandler
            ? await handlers.FindUrlAsync(registration.WorkspaceId, registration.HandlerSuffix ?? "", cancellationToken)
            : registration.WebhookUrl;
        if (url is null)
        {
            return WebhookStatus.VerificationFailed;
        }

        var value = Guid.NewGuid().ToString("D");
        var id = $"{registration.Id}-probe-{clock.GetUtcNow().ToUnixTimeMilliseconds()}";
        var request = new OutgoingRequest
        {
            Method = HttpMethod.Get,
            Url = Append(url, value),
            ShownUrl = Append(url, Mask(value)).AbsoluteUri,
            Headers = await WriteHeadersAsync(registration, id, cancellationToken),
            HiddenHeaders = isOwnHandler ? [new("x-signalbox-delivery", options.DeliverySecret)] : [],
        };
        var exchange = await client.SendAsync(request, isOwnHandler, DeliveryTimeouts.Of(registration), cancellationToken);
        var endedAt = clock.GetUtcNow();
        await traces.InsertAsync(
            new DeliveryTrace
            {
                RegistrationKey = registration.Key,
                DeliveryId = id,
                EventCode = EventCode,
                IsSuccess = exchange.Code is >= 200 and <= 299,
                AttemptedAt = exchange.StartedAt,
                HeldBytes = TraceDocument.EstimateBytes(exchange),
                WriteDocument = () => TraceDocument.Write(
                    registration, id, EventCode, exchange, [new TraceInsight(Provider, EventCode, [id])], endedAt),
            },
            cancellationToken);
        return IsAnswered(exchange, value) ? WebhookStatus.Verified : WebhookStatus.VerificationFailed;
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

        var contentType = exchange.ResponseHeaders.FirstOrDefault(header => header.Key == "content-type").Value is [var first, ..] ? first : "";
        var mediaType = contentType.Split(';', 2)[0].Trim();
        return mediaType.Equals("application/json", StringComparison.OrdinalIgnoreCase)
            ? IsAnsweredInJson(exchange.ResponseBody, challenge)
            : (mediaType.Length == 0 || mediaType.Equals("text/plain", StringComparison.OrdinalIgnoreCase))
                && Encoding.UTF8.GetString(exchange.ResponseBody.Span).Trim().Trim('"').Trim() == challenge;
    }

    private static bool IsAnsweredInJson(ReadOnlyMemory<byte> body, string challenge)
    {
        try
        {
            using var document = JsonDocument.Parse(body);
            return document.RootElement switch
            {
                { ValueKind: JsonValueKind.Object } root => root.TryGetProperty("challenge", out var value)
                    && value.ValueKind == JsonValueKind.String && value.GetString() == challenge,
                { ValueKind: JsonValueKind.String } text => text.GetString()?.Trim() == challenge,
                _ => false,
            };
        }
        catch (JsonException)
        {
            return false;
        }
    }

    private async Task<IReadOnlyList<KeyValuePair<string, string>>> WriteHeadersAsync(
        Registration registration, string id, CancellationToken cancellationToken)
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
            headers.Add(new("x-adobe-signature", Signer.SignWithSecret(secret, [])));
        }

        return headers;
    }

    [GeneratedRegex("[0-9a-fA-F]")]
    private static partial Regex HexDigits();
}
