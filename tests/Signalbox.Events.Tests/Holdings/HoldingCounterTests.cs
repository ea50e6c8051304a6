using Signalbox.Events.Holdings;
using Signalbox.Events.Registrations;
using Signalbox.Storage;
using Signalbox.Testing;

namespace Signalbox.Events.Tests.Holdings;

public sealed class HoldingCounterTests
{
    [Theory, InlineData(TestEngine.Sqlite), InlineData(TestEngine.Postgresql)]
    public async Task What_is_owed_kept_failing_and_registered_is_counted(TestEngine engine)
    {
        await using var server = await EventsServer.StartAsync(engine);
        var provider = await server.CreateProviderAsync("a");
        await server.RegisterAsync("push", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\"");
        await server.RegisterAsync("off", provider, "a", "\"delivery_type\":\"webhook\",\"webhook_url\":\"https://example.com/\",\"enabled\":false");
        await server.PublishAsync(provider, "a");
        await server.PublishAsync(provider, "a");
        await server.Get<Database>().WriteAsync(session =>
        {
            session.Execute("INSERT INTO dead_letters (dead_letter_key, registration_key, event_seq, reason, attempts, dead_at) VALUES (1, 1, 1, 'internal', 1, 0)");
            foreach (var attempts in (int[])[0, 1, 2])
            {
                session.Execute(
                    "INSERT INTO notices (notice_id, channel, organization_id, document, created_at, next_attempt_at, attempts) VALUES (@id, 'email', 'o', '{}', 0, 99999999999999, @attempts)",
                    new { id = $"notice-{attempts}", attempts });
            }
        });

        var held = await server.Get<HoldingCounter>().CountAsync(default);

        Assert.Equal((2, 1, 2), (held.Deliveries, held.DeadLetters, held.FailingNotices));
        Assert.Equal((1, 0, 1), (held.Registrations[RegistrationState.Active], held.Registrations[RegistrationState.Unstable], held.Registrations[RegistrationState.Disabled]));
    }

    [Theory, InlineData(0, 60), InlineData(1, 60), InlineData(4, 200), InlineData(700_000, 3_600)]
    public void A_count_that_takes_long_is_made_more_seldom(int seconds, int pause) =>
        Assert.Equal(TimeSpan.FromSeconds(pause), HoldingCounter.PauseAfter(TimeSpan.FromSeconds(seconds)));
}
