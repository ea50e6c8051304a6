using System.Text;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Tests.Delivery;

/// <summary>What a lane is made of, for tests that need no database.</summary>
internal static class Lanes
{
    public static Registration Registration(long key, string organization) => new()
    {
        Key = key,
        Id = new RegistrationId(Guid.NewGuid()),
        OrganizationId = new OrganizationId(organization),
        ProjectId = new ProjectId("2"),
        WorkspaceId = new WorkspaceId("3"),
        ClientId = new ClientId("client-1"),
        CredentialId = new CredentialId("4"),
        Name = $"registration {key}",
        Description = "",
        DeliveryType = DeliveryType.Webhook,
        IsEnabled = true,
        Status = WebhookStatus.Verified,
        Interests = [],
        MeasuredSince = DateTimeOffset.UnixEpoch,
        CreatedAt = DateTimeOffset.UnixEpoch,
        UpdatedAt = DateTimeOffset.UnixEpoch,
    };

    public static OwedDelivery Owed(Registration registration, long sequence, int dataBytes, int retryCount) => new()
    {
        Accepted = new AcceptedEvent
        {
            Sequence = sequence,
            EventId = Guid.NewGuid(),
            ProviderId = "provider-1",
            EventCode = "code",
            Payload = Encoding.UTF8.GetBytes($$"""{"specversion":"1.0","id":"{{sequence}}","source":"urn:x","type":"code","data":"{{new string('x', dataBytes)}}"}"""),
            ReceivedAt = DateTimeOffset.UnixEpoch,
        },
        Registration = registration,
        RetryCount = retryCount,
        ClaimedUntil = DateTimeOffset.MaxValue,
    };
}
