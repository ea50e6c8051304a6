using Signalbox.Events.Health;
using Signalbox.Events.Registrations;
using Signalbox.Identity;

namespace Signalbox.Events.Tests.Health;

public sealed class HealthRulesTests
{
    private static readonly DateTimeOffset _start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static readonly HealthThresholds _documented = HealthThresholds.Of(new EventsOptions());

    [Theory]
    [InlineData(9, 9, false)]
    [InlineData(10, 10, true)]
    [InlineData(10, 9, true)]
    [InlineData(10, 8, false)]
    [InlineData(100, 81, true)]
    [InlineData(100, 80, false)]
    [InlineData(0, 0, false)]
    public void Ten_attempts_of_which_more_than_80_percent_failed_are_bad(long attempts, long failures, bool isBad) =>
        Assert.Equal(isBad, _documented.IsBad(new AttemptTally(attempts, failures)));

    [Theory]
    [InlineData(WebhookStatus.Verified, 0, true, WebhookStatus.Unstable)]
    [InlineData(WebhookStatus.Verified, 48, true, WebhookStatus.Unstable)]
    [InlineData(WebhookStatus.Verified, 48, false, null)]
    [InlineData(WebhookStatus.Unstable, 23.99, true, null)]
    [InlineData(WebhookStatus.Unstable, 23.99, false, null)]
    [InlineData(WebhookStatus.Unstable, 24, true, WebhookStatus.HookUnreachable)]
    [InlineData(WebhookStatus.Unstable, 24, false, WebhookStatus.Verified)]
    [InlineData(WebhookStatus.Unstable, 72, false, WebhookStatus.Verified)]
    [InlineData(WebhookStatus.HookUnreachable, 48, false, null)]
    [InlineData(WebhookStatus.VerificationFailed, 48, true, null)]
    [InlineData(WebhookStatus.Accepted, 48, true, null)]
    [InlineData(WebhookStatus.Pending, 48, true, null)]
    public void A_status_follows_by_the_documented_table(WebhookStatus status, double hours, bool isBad, WebhookStatus? next)
    {
        var registration = Create() with { Status = status, IsEnabled = status != WebhookStatus.HookUnreachable };

        Assert.Equal(next, HealthRules.FindNext(registration, isBad ? new(10, 10) : new(10, 0), _start.AddHours(hours), _documented));
    }

    [Fact]
    public void What_is_left_of_a_disabled_or_deleted_registrations_retries_changes_nothing()
    {
        Assert.Null(HealthRules.FindNext(Create() with { IsEnabled = false }, new(10, 10), _start, _documented));
        Assert.Null(HealthRules.FindNext(Create() with { DeletedAt = _start }, new(10, 10), _start, _documented));
    }

    [Fact]
    public void Becoming_unstable_starts_the_count_and_only_disabling_disables()
    {
        var unstable = HealthRules.Apply(Create(), WebhookStatus.Unstable, _start.AddHours(5));
        var disabled = HealthRules.Apply(unstable, WebhookStatus.HookUnreachable, _start.AddHours(29));
        var recovered = HealthRules.Apply(unstable, WebhookStatus.Verified, _start.AddHours(29));

        Assert.Equal((_start.AddHours(5), true), (unstable.MeasuredSince, unstable.IsPushing));
        Assert.Equal((false, false), (disabled.IsEnabled, disabled.IsPushing));
        Assert.Equal((true, _start.AddHours(5)), (recovered.IsPushing, recovered.MeasuredSince));
    }

    [Fact]
    public void An_attempt_leaves_the_window_after_its_24_hours()
    {
        var window = new AttemptWindow(_start);
        window.Add(_start, new(9, 9));
        window.Add(_start.AddHours(1), new(1, 0));

        Assert.Equal(new(10, 9), window.Sum(_start.AddHours(24), TimeSpan.FromHours(24)));
        Assert.Equal(new(1, 0), window.Sum(_start.AddHours(24.2), TimeSpan.FromHours(24)));
        Assert.Equal(default, window.Sum(_start.AddHours(26), TimeSpan.FromHours(24)));
        Assert.True(window.IsEmpty);
    }

    [Fact]
    public void Only_what_is_new_is_handed_over_to_be_saved()
    {
        var window = new AttemptWindow(_start);
        window.Restore(AttemptWindow.StepOf(_start), new(5, 5));
        window.Add(_start, new(1, 1));

        Assert.Equal([(AttemptWindow.StepOf(_start), new AttemptTally(1, 1))], window.TakeUnsaved());
        Assert.Empty(window.TakeUnsaved());
        Assert.Equal(new(6, 6), window.Sum(_start, TimeSpan.FromHours(24)));
    }

    private static Registration Create() => new()
    {
        Key = 1,
        Id = new RegistrationId(Guid.Empty),
        OrganizationId = new OrganizationId("1"),
        ProjectId = new ProjectId("2"),
        WorkspaceId = new WorkspaceId("3"),
        ClientId = new ClientId("client-1"),
        CredentialId = new CredentialId("4"),
        Name = "one",
        Description = "",
        DeliveryType = DeliveryType.Webhook,
        WebhookUrl = new Uri("https://example.com/"),
        IsEnabled = true,
        Status = WebhookStatus.Verified,
        Interests = [],
        CreatedAt = _start,
        UpdatedAt = _start,
        MeasuredSince = _start,
    };
}
