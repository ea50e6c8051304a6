using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Notifications;

/// <summary>A webhook of the operator's. It is guarded like every webhook: an inner one needs <c>--allow-target</c>.</summary>
internal sealed class WebhookChannel(NotificationOptions options, WebhookClient client) : INoticeChannel
{
    private const int ShownCharactersMax = 300;

    public string Name => "webhook";

    public bool IsPaced => true;

    public bool IsPausable => false;

    public bool Reaches(string organizationId) => options.Webhook.Url is not null;

    public async Task<string> SendAsync(NoticeMessage message, CancellationToken cancellationToken)
    {
        var url = options.Webhook.Url!;
        var body = JsonSerializer.SerializeToUtf8Bytes(
            new NoticeBody
            {
                Type = message.Changes.Count == 0 ? "test" : "registration.status",
                OrganizationId = message.OrganizationId,
                Text = message.Subject,
                Changes = message.Changes,
            },
            EventsJson.Default.NoticeBody);
        var request = new OutgoingRequest
        {
            Method = HttpMethod.Post,
            Url = url,
            ContentType = "application/json; charset=utf-8",
            Headers = [new("user-agent", "Signalbox")],
            HiddenHeaders = options.Webhook.Secret is { Length: > 0 } secret
                ? [new("x-signalbox-signature", Convert.ToBase64String(HMACSHA256.HashData(Encoding.UTF8.GetBytes(secret), body)))]
                : [],
            Body = body,
        };
        var exchange = await client.SendAsync(request, isOwnHandler: false, options.Webhook.Timeout, cancellationToken);
        if (exchange.Code is >= 200 and <= 299)
        {
            return $"{url.Host} answered {exchange.Code}";
        }

        var answer = exchange.FailureReason is null ? WholeText.OneLine(Encoding.UTF8.GetString(exchange.ResponseBody.Span), ShownCharactersMax) : "";
        throw new NoticeFailedException($"The POST to {url.Host} {exchange.Told}{(answer.Length > 0 ? ": " : "")}{answer}");
    }
}

/// <summary>What the operator's webhook gets.</summary>
internal sealed record NoticeBody
{
    /// <summary><c>registration.status</c>, or <c>test</c>.</summary>
    public required string Type { get; init; }

    public required string OrganizationId { get; init; }

    /// <summary>One line for a person; chat programs show this member.</summary>
    public required string Text { get; init; }

    public required IReadOnlyList<StatusChange> Changes { get; init; }
}
