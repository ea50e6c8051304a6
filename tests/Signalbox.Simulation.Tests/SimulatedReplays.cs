using Signalbox.Events.Delivery;
using Signalbox.Events.Replays;

namespace Signalbox.Simulation.Tests;

/// <summary>What the real <see cref="ReplayRunner"/> of a process sees of the tables.</summary>
internal sealed class SimulatedReplays(SimulatedProcess process, Scenario scenario, Table table, Observer observer) : IReplayJobs
{
    public Task<IReadOnlyList<Replay>> ListActiveAsync(CancellationToken cancellationToken) =>
        table.RunAsync<IReadOnlyList<Replay>>(process.Host, () =>
        [
            .. table.Replays.Where(job => !job.HasEnded).Select(job => job.Read(table.Rows.Count(row => row.Value.ReplayId == job.Id))),
        ]);

    public Task<int> CountDueAsync(long registrationKey, CancellationToken cancellationToken)
    {
        var now = process.Clock.GetUtcNow();
        return table.RunAsync(process.Host, () => table.Rows.Count(
            row => row.Key.Registration == registrationKey && row.Value.ReplayId is not null && row.Value.NextAttemptAt <= now));
    }

    public Task<int?> AdvanceAsync(Replay replay, int limit, CancellationToken cancellationToken)
    {
        var now = process.Clock.GetUtcNow();
        return table.RunAsync(process.Host, () => Advance(table.Replays.First(job => job.Id == replay.Id), limit, now));
    }

    public Task<bool> WithdrawAsync(Replay replay, CancellationToken cancellationToken) =>
        table.RunAsync(process.Host, () =>
        {
            var owed = table.Rows.Where(row => row.Value.ReplayId == replay.Id).Select(row => row.Key).Take(3).ToList();
            foreach (var (registration, sequence) in owed)
            {
                var key = new DeliveryKey(registration, sequence);
                table.Remove(key);
                table.Letters.Add((registration, sequence), (scenario.NextLetterKey(), replay.Id));
                observer.Withdraws(key);
            }

            return owed.Count < 3;
        });

    public Task EndAsync(string id, ReplayState state, CancellationToken cancellationToken) =>
        table.RunAsync(process.Host, () =>
        {
            var job = table.Replays.First(replay => replay.Id == id);
            if (!job.HasEnded)
            {
                job.State = state;
                observer.EndsReplay(job);
            }

            return true;
        });

    public Task<int> DeleteEndedAsync(TimeSpan age, CancellationToken cancellationToken) => Task.FromResult(0);

    private int? Advance(ReplayJob job, int limit, DateTimeOffset now)
    {
        if (job.State != ReplayState.Running || !scenario.RegistrationOf(job.RegistrationKey).IsPushing)
        {
            return null;
        }

        List<(long Position, long Event)> next = job.IsOfLetters
            ? [.. table.Letters.Where(l => l.Key.Registration == job.RegistrationKey && l.Value.Key > job.Cursor && l.Value.Key <= job.Until)
                .OrderBy(l => l.Value.Key).Take(limit).Select(l => (l.Value.Key, l.Key.Event))]
            : [.. scenario.JournalOf(job.RegistrationKey).Where(e => e > job.Cursor && e <= job.Until).Take(limit).Select(e => (e, e))];
        var queued = 0;
        foreach (var (position, sequence) in next)
        {
            var key = new DeliveryKey(job.RegistrationKey, sequence);
            observer.LooksAt(job, position);
            if (table.TryOweAgain(key, now, job.Id))
            {
                queued++;
                observer.OwesAgain(key, job.Id);
            }

            if (scenario.Mutation != Mutation.KeepsLetters)
            {
                table.Letters.Remove((key.RegistrationKey, sequence));
            }
        }

        job.Queued += queued;
        observer.Advances(job.RegistrationKey, queued);
        var cursor = next.Count < limit ? job.Until : next[^1].Position;
        if (scenario.Mutation == Mutation.MovesCursorLater)
        {
            _ = table.RunAsync(process.Host, () => job.Cursor = cursor);
        }
        else
        {
            job.Cursor = scenario.Mutation == Mutation.SkipsInReplay ? Math.Min(job.Until, cursor + 1) : cursor;
        }

        return queued;
    }
}
