using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Identity;
using Signalbox.WebConsole.Registrations;

namespace Signalbox.WebConsole.Tests.Registrations;

public sealed class TallyWordsTests
{
    private static readonly DateTimeOffset _now = new(2026, 11, 28, 10, 0, 0, TimeSpan.Zero);
    private static readonly HealthThresholds _thresholds = new(TimeSpan.FromHours(24), 10, 70);

    [Theory]
    [InlineData(WebhookStatus.Verified, 100, 24, "in the last 24 h")]
    [InlineData(WebhookStatus.Unstable, 100, 23, "since it became unstable")]
    [InlineData(WebhookStatus.Verified, 100, 2, "since it was edited")]
    [InlineData(WebhookStatus.Verified, 2, 2, "since it was created")]
    public void The_span_of_a_tally_begins_where_its_count_did(WebhookStatus status, int createdHoursAgo, int measuredHoursAgo, string words) =>
        Assert.Equal(words, TallyWords.Span(Registration(status, _now.AddHours(-createdHoursAgo), _now.AddHours(-measuredHoursAgo)), _thresholds, _now));

    private static Events.Registrations.Registration Registration(WebhookStatus status, DateTimeOffset createdAt, DateTimeOffset measuredSince) => new()
    {
        Key = 1,
        Id = new RegistrationId(Guid.Empty),
        OrganizationId = new OrganizationId("1"),
        ProjectId = new ProjectId("2"),
        WorkspaceId = new WorkspaceId("3"),
        ClientId = new ClientId("client"),
        CredentialId = new CredentialId("4"),
        Name = "Mine",
        Description = "",
        DeliveryType = DeliveryType.Webhook,
        IsEnabled = true,
        Status = status,
        Interests = [],
        CreatedAt = createdAt,
        UpdatedAt = measuredSince,
        MeasuredSince = measuredSince,
    };
}
