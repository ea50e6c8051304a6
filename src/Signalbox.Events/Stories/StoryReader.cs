using System.Text.Json;
using Dapper;
using Signalbox.Events.Delivery;
using Signalbox.Events.EventLog;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Tracing;
using Signalbox.Identity;
using Signalbox.Storage;

namespace Signalbox.Events.Stories;

/// <summary>Puts an event's story together from the rows that its way has left.</summary>
internal sealed class StoryReader(
    Database database,
    RegistrationDirectory registrations,
    IProviderDirectory providers,
    AttemptLog attempts,
    FailureTexts failures,
    StoryRows rows,
    PublishedIdSearch published,
    TraceStore traces,
    IActivationFinder activations,
    HoldFinder holds,
    StoryWords words,
    EventsOptions options,
    TimeProvider clock) : IEventStories
{
    /// <summary>The story as the organization may know it; null when it has no part in the event, or nobody has.</summary>
    public async Task<EventStory?> FindAsync(Guid eventId, OrganizationId organization, CancellationToken cancellationToken)
    {
        // Attempts of the last second may still be held in memory.
        await traces.FlushAsync(cancellationToken);
        await using var connection = await database.OpenAsync(cancellationToken);
        var row = await connection.QuerySingleOrDefaultAsync<EventRow>(new CommandDefinition(
            $"SELECT {EventRow.Columns} FROM events e WHERE e.event_id = @id", new { id = eventId.ToString("D") }, cancellationToken: cancellationToken));
        if (row?.ToEvent() is not { } accepted)
        {
            return null;
        }

        var index = await registrations.GetIndexAsync(cancellationToken);
        var own = index.All
            .Where(r => r.OrganizationId == organization).OrderBy(r => r.Key).ToList();
        var matched = await rows.FindMatchedAsync(accepted.Sequence, own, cancellationToken);
        if (matched.Count == 0 && !await IsProviderOfAsync(accepted.ProviderId, organization, cancellationToken))
        {
            return null;
        }

        var owed = await rows.FindOwedAsync(accepted.Sequence, matched, cancellationToken);
        var letters = await rows.FindLettersAsync(accepted.Sequence, matched, cancellationToken);
        var replays = await rows.FindReplaysAsync(accepted.Sequence, matched, cancellationToken);
        var made = await attempts.ReadAsync(accepted.Sequence, [.. matched.Select(r => r.Key)], cancellationToken);
        var madeFor = made.ToLookup(a => a.RegistrationKey);
        var explanations = await failures.ReadAsync(made, cancellationToken);
        var now = clock.GetUtcNow();
        var deliveries = new List<DeliveryStory>(matched.Count);
        foreach (var registration in matched)
        {
            var due = owed.GetValueOrDefault(registration.Key);
            var hold = due is null ? null : await holds.FindAsync(registration, accepted.Sequence, due, now, cancellationToken);
            deliveries.Add(await TellAsync(
                registration, due, hold, [.. madeFor[registration.Key]], explanations, [.. letters[registration.Key]],
                [.. replays[registration.Key]], now, cancellationToken));
        }

        // Places in journals may be gone before the event, which a dead letter keeps.
        var passedOver = accepted.ReceivedAt > now - options.JournalRetention
            ? PassedOver.Find(accepted, index.Match(accepted.ProviderId, accepted.EventCode), matched, organization)
            : [];
        return new EventStory
        {
            EventId = accepted.EventId,
            Id = ReadId(accepted.Payload),
            ProviderId = accepted.ProviderId,
            EventCode = accepted.EventCode,
            AcceptedAt = accepted.ReceivedAt,
            PayloadBytes = accepted.Payload.Length,
            Traceparent = accepted.TraceParent,
            ToldAt = now,
            Deliveries = deliveries,
            PassedOver = passedOver.Count > 0 ? [.. passedOver.Take(PassedOver.ToldMax)] : null,
            PassedOverMore = passedOver.Count > PassedOver.ToldMax ? passedOver.Count - PassedOver.ToldMax : null,
        };
    }

    public Task<PublishedEvents> FindPublishedAsync(string id, OrganizationId organization, CancellationToken cancellationToken) =>
        published.FindAsync(id, organization, cancellationToken);

    private async Task<DeliveryStory> TellAsync(
        Registration registration, OwedRow? owed, DeliveryHold? hold, IReadOnlyList<RecordedAttempt> made,
        IReadOnlyDictionary<string, string> explanations, IReadOnlyList<LetterRow> letters, IReadOnlyList<ReplayRow> replays, DateTimeOffset now,
        CancellationToken cancellationToken)
    {
        var told = new List<AttemptStory>(made.Count);
        foreach (var attempt in made)
        {
            var runs = attempt.ActivationId is { } id ? await activations.FindAsync(registration.WorkspaceId, id, cancellationToken) : [];
            told.Add(new AttemptStory
            {
                AttemptedAt = attempt.AttemptedAt,
                RetryCount = attempt.RetryCount,
                DeliveryId = attempt.DeliveryId,
                Code = attempt.Code,
                Meaning = StoryWords.Meaning(attempt.Code, StoryWords.IsRetried(registration, attempt, made, owed, letters)),
                Explanation = explanations.GetValueOrDefault(attempt.DeliveryId),
                DurationMs = (long)attempt.Duration.TotalMilliseconds,
                ReplayId = attempt.ReplayId,
                Activations = runs.Count > 0 ? runs : null,
            });
        }

        var (state, next) = words.Judge(registration, owed, hold, made, letters, replays, now);
        var latest = made.Count > 0 ? made[^1] : null;
        var leftOut = latest is null ? 0 : latest.RetryCount + 1 - made.Where(a => a.SeriesAt == latest.SeriesAt).Select(a => a.RetryCount).Distinct().Count();
        return new DeliveryStory
        {
            RegistrationId = registration.Id.ToString(),
            WorkspaceId = registration.WorkspaceId.Value,
            Name = registration.Name,
            RegistrationDeletedAt = registration.DeletedAt,
            DeliveryType = RegistrationWords.Of(registration.DeliveryType),
            Target = registration.RuntimeAction ?? registration.WebhookUrl?.AbsoluteUri,
            State = state,
            Next = next,
            NextAttemptAt = hold is null || owed?.NextAttempt > hold.Until ? owed?.NextAttempt : hold.Until,
            Held = hold is null ? null : StoryWords.Tell(hold),
            NextRetryCount = owed is { RetryCount: > 0 } ? owed.RetryCount : null,
            RetriesEndAt = owed?.FirstAttempt + RetrySchedule.Lifetime,
            AttemptsLeftOut = leftOut > 0 ? leftOut : null,
            EarlierAttemptsLeftOut = made is [{ Earlier: > 0 and var earlier }, ..] ? earlier : null,
            Attempts = told,
            DeadLetters = letters.Count > 0 ? [.. letters.Select(letter => words.Tell(registration, letter))] : null,
            Replays = replays.Count > 0 ? [.. replays.Select(replay => StoryWords.Tell(registration, replay, owed))] : null,
        };
    }

    private async Task<bool> IsProviderOfAsync(string providerId, OrganizationId organization, CancellationToken cancellationToken) =>
        Guid.TryParse(providerId, out var id)
        && await providers.FindAsync(id, cancellationToken) is { } provider
        && provider.OrganizationId == organization;

    private static string? ReadId(ReadOnlyMemory<byte> payload)
    {
        using var document = JsonDocument.Parse(payload);
        return document.RootElement.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String ? id.GetString() : null;
    }
}
