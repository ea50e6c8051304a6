using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Tests.Registrations;

/// <summary>Registrations for stores that stand alone.</summary>
internal static class Registered
{
    public static Registration Webhook(string name, DateTimeOffset at) => new()
    {
        Key = 0,
        Id = new RegistrationId(Guid.NewGuid()),
        OrganizationId = new OrganizationId("organization"),
        ProjectId = new ProjectId("project"),
        WorkspaceId = new WorkspaceId("workspace"),
        ClientId = new ClientId("client"),
        CredentialId = new CredentialId("credential"),
        Name = name,
        Description = "",
        DeliveryType = DeliveryType.Webhook,
        WebhookUrl = new Uri("https://example.com/hook"),
        IsEnabled = true,
        Status = WebhookStatus.Verified,
        Interests = [],
        CreatedAt = at,
        UpdatedAt = at,
        MeasuredSince = at,
    };
}
