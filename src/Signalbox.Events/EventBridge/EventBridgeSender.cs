using System.Text.Json;
using Signalbox.Events.Delivery;
using Signalbox.Events.Egress;
using Signalbox.Events.Providers;

namespace Signalbox.Events.EventBridge;

/// <summary>Sends a parcel by <c>PutEvents</c> and tells what became of each of its events.</summary>
internal sealed class EventBridgeSender(WebhookClient client, IProviderDirectory providers, EventsOptions events, TimeProvider clock) : IDisposable
{
    /// <summary>Entries of one request; EventBridge takes no more.</summary>
    public const int EntriesMax = 10;

    /// <summary>Payload bytes that several entries may have together: what EventBridge takes, less what else an entry holds.</summary>
    public const int JoinedBytesMax = (256 << 10) - (EntriesMax * 1_200);

    private const int Throttled = 429;
    private const int TooLarge = 413;
    private const int FailedCode = 500;

    private readonly EventBridgeOptions _options = events.EventBridge;
    private readonly EntryWriter _writer = new(providers, events.EventBridge);
    private readonly RequestSigner _signer = new(events.EventBridge);

    /// <summary>Sends it. The outcomes are those of its deliveries, in their order.</summary>
    /// <exception cref="OperationCanceledException">It was abandoned.</exception>
    public async Task<(Exchange Exchange, IReadOnlyList<AttemptOutcome> Outcomes)> SendAsync(Parcel parcel, CancellationToken cancellationToken)
    {
        var region = parcel.Registration.Destination?.Region ?? "";
        var (body, entryBytes) = await _writer.WriteAsync(parcel, cancellationToken);
        var request = new OutgoingRequest
        {
            Method = HttpMethod.Post,
            Url = _options.Endpoint ?? EndpointOf(region),
            ContentType = "application/x-amz-json-1.1",
            Headers = [new("x-amz-target", "AWSEvents.PutEvents"), new("user-agent", "Signalbox")],
            Body = body,
            Registration = parcel.Registration.Id,
            EventId = parcel.Deliveries[0].Accepted.EventId,
        };
        var exchange = await SendAsync(request, region, parcel.Deliveries.Count == 1 && entryBytes > _options.RequestBytesMax, cancellationToken);
        return (exchange, Judge(exchange, parcel.Deliveries.Count));
    }

    public void Dispose() => _signer.Dispose();

    private async Task<Exchange> SendAsync(OutgoingRequest request, string region, bool isTooLarge, CancellationToken cancellationToken)
    {
        if (isTooLarge)
        {
            return client.Refuse(request, $"EventBridge takes {_options.RequestBytesMax} bytes.") with { Code = TooLarge, IsTargetRefused = false };
        }

        // Credentials may have to be fetched: from the machine's role, or from AWS for a role of another account.
        var (begunAt, begun) = (clock.GetUtcNow(), clock.GetTimestamp());
        using var deadline = new CancellationTokenSource(DeliveryTimeouts.Webhook, clock);
        using var end = CancellationTokenSource.CreateLinkedTokenSource(deadline.Token, cancellationToken);
        try
        {
            request = await _signer.SignAsync(request, region, end.Token).WaitAsync(end.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return client.TimeOut(request, begunAt, DeliveryTimeouts.Webhook);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Each of the SDK's sources of credentials fails in its own way.
            return client.Refuse(request, "There are no AWS credentials to sign with. Set Events:EventBridge:AccessKeyId and …:SecretAccessKey, or what the AWS SDK looks for. " + exception.Message)
                with { IsTargetRefused = false };
        }

        var left = DeliveryTimeouts.Webhook - clock.GetElapsedTime(begun);
        left = left > TimeSpan.Zero ? left : TimeSpan.FromMilliseconds(1);
        var exchange = _options.Endpoint is null
            ? await client.SendAsync(request, isOwnHandler: false, left, cancellationToken)
            : await client.SendToOperatorAsync(request, left, cancellationToken);
        return exchange with { StartedAt = begunAt };
    }

    private static Uri EndpointOf(string region) =>
        new($"https://events.{region}.amazonaws.com{(region.StartsWith("cn-", StringComparison.Ordinal) ? ".cn" : "")}/");

    /// <summary>
    /// An entry that was not taken is retried like any failed delivery, the others are not. What AWS answers to the request as
    /// a whole, with 400 even when it throttles, is mostly about the operator's account, which can be mended: it is retried too.
    /// </summary>
    private static AttemptOutcome[] Judge(Exchange exchange, int count)
    {
        if (exchange.Code != 200)
        {
            var code = exchange.Code is >= 300 and < 500 and not TooLarge
                ? IsThrottle(exchange.Code, exchange.ResponseBody.Span) ? Throttled : FailedCode
                : exchange.Code;
            return [.. Enumerable.Repeat(AttemptOutcome.FromCode(code), count)];
        }

        try
        {
            using var answer = JsonDocument.Parse(exchange.ResponseBody);
            if (answer.RootElement.TryGetProperty("Entries", out var entries) && entries.ValueKind == JsonValueKind.Array && entries.GetArrayLength() == count)
            {
                return [.. entries.EnumerateArray().Select(JudgeEntry)];
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not what EventBridge says, see below; the latter is half of a pair of surrogates, which no text can hold.
        }

        return [.. Enumerable.Repeat(AttemptOutcome.FromCode(FailedCode), count)];
    }

    private static AttemptOutcome JudgeEntry(JsonElement entry)
    {
        var error = entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("ErrorCode", out var given) && given.ValueKind == JsonValueKind.String
            ? given.GetString()!
            : "";
        return error.Length > 0 ? AttemptOutcome.FromCode(IsThrottle(error) ? Throttled : FailedCode)
            : entry.ValueKind == JsonValueKind.Object && entry.TryGetProperty("EventId", out var id) && id.ValueKind == JsonValueKind.String
                ? AttemptOutcome.FromCode(200)
                : AttemptOutcome.FromCode(FailedCode);
    }

    private static bool IsThrottle(int code, ReadOnlySpan<byte> body) =>
        code == Throttled || body.IndexOf("Throttl"u8) >= 0 || body.IndexOf("TooManyRequests"u8) >= 0 || body.IndexOf("LimitExceeded"u8) >= 0;

    private static bool IsThrottle(string error) =>
        error.Contains("Throttl", StringComparison.Ordinal) || error.Contains("TooManyRequests", StringComparison.Ordinal)
        || error.Contains("LimitExceeded", StringComparison.Ordinal);
}
