using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Signalbox.Runtime.Activations;

/// <summary>
/// Stores activation records behind the answers: an invocation does not wait for the commit, yet its record is
/// readable at once, because what is not committed yet is found in memory.
/// </summary>
/// <remarks>
/// Memory is bounded: the queue has a length, a full queue makes invocations wait, and a record larger than
/// <see cref="LargeBytes"/> is waited for by its own invocation. A crash may lose the records of the last
/// milliseconds; what they tell of (events, entities) is durable elsewhere.
/// </remarks>
internal sealed partial class ActivationRecorder(ActivationStore store, TimeProvider clock, ILogger<ActivationRecorder> logger)
    : BackgroundService
{
    private const int QueueLength = 8_192;
    private const int BatchLengthMax = 512;
    private const int LargeBytes = 16 * 1024;
    private const int AttemptsMax = 5;

    /// <summary>
    /// How long records gather before a commit, so that one fsync serves many. Somebody who waits for the commit
    /// ends the gathering. It paces the disk and is no policy, hence not the injected clock's.
    /// </summary>
    private static readonly TimeSpan _gathering = TimeSpan.FromMilliseconds(25);

    /// <summary>The same when somebody waits for the commit without hurry.</summary>
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(10);

    private static readonly TimeSpan _retryDelay = TimeSpan.FromMilliseconds(200);

    private readonly Channel<Entry> _queue = Channel.CreateBounded<Entry>(
        new BoundedChannelOptions(QueueLength) { SingleReader = true });

    private readonly SemaphoreSlim _hurry = new(0);

    private readonly ConcurrentDictionary<string, Activation> _pending = new(StringComparer.Ordinal);

    private int _patient;

    /// <summary>Takes a record; waits for a place when too many wait for their commit.</summary>
    public async ValueTask RecordAsync(Activation activation)
    {
        _pending[activation.Id] = activation;
        var isLarge = activation.Result.Length + activation.Logs.Length > LargeBytes;
        var committed = isLarge ? new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously) : null;
        if (!_queue.Writer.TryWrite(new Entry(activation, committed)))
        {
            try
            {
                await _queue.Writer.WriteAsync(new Entry(activation, committed));
            }
            catch (ChannelClosedException)
            {
                // Stopping: nobody reads the queue any more, so this record is written on its own.
                await CommitAsync([new Entry(activation, committed)]);
            }
        }

        if (committed is not null)
        {
            _hurry.Release();
            await committed.Task;
        }
    }

    /// <summary>The record, committed or not; null when there is none.</summary>
    public async Task<Activation?> FindAsync(string @namespace, string id, CancellationToken cancellationToken) =>
        _pending.TryGetValue(id, out var pending)
            ? pending.Namespace == @namespace ? pending : null
            : await store.FindAsync(@namespace, id, cancellationToken);

    /// <summary>Ends when everything that was recorded before is committed, so that a query sees it. Hurries the commit.</summary>
    public Task WaitForCommitAsync(CancellationToken cancellationToken) => WaitAsync(hurries: true, cancellationToken);

    /// <summary>The same without hurry: it waits for company, at most <see cref="_patience"/>.</summary>
    public async Task WaitPatientlyForCommitAsync(CancellationToken cancellationToken)
    {
        Interlocked.Increment(ref _patient);
        try
        {
            await WaitAsync(hurries: false, cancellationToken);
        }
        finally
        {
            Interlocked.Decrement(ref _patient);
        }
    }

    public override void Dispose()
    {
        _hurry.Dispose();
        base.Dispose();
    }

    /// <summary>Writes out what waits. Call after the last invocation has ended.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        _hurry.Release();
        if (ExecuteTask is { } running)
        {
            try
            {
                await running.WaitAsync(cancellationToken);
            }
            catch (OperationCanceledException) when (running.IsCanceled)
            {
                // A start that is broken off never lets it run.
            }
        }

        await base.StopAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var batch = new List<Entry>(BatchLengthMax);
        while (await _queue.Reader.WaitToReadAsync(CancellationToken.None))
        {
            await GatherAsync();
            while (batch.Count < BatchLengthMax && _queue.Reader.TryRead(out var entry))
            {
                batch.Add(entry);
            }

            await CommitAsync(batch);
            batch.Clear();
        }
    }

    private async Task GatherAsync()
    {
        if (!await _hurry.WaitAsync(_patience) && Volatile.Read(ref _patient) == 0)
        {
            await _hurry.WaitAsync(_gathering - _patience);
        }

        // Whoever else hurried is served by the same commit.
        while (await _hurry.WaitAsync(TimeSpan.Zero))
        {
        }
    }

    private async Task WaitAsync(bool hurries, CancellationToken cancellationToken)
    {
        if (_pending.IsEmpty)
        {
            return;
        }

        var committed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            await _queue.Writer.WriteAsync(new Entry(null, committed), cancellationToken);
            if (hurries)
            {
                _hurry.Release();
            }

            await committed.Task.WaitAsync(cancellationToken);
        }
        catch (ChannelClosedException)
        {
            // Stopping: what is left is being written right now.
        }
    }

    private async Task CommitAsync(IReadOnlyList<Entry> batch)
    {
        Activation[] activations = [.. batch.Where(entry => entry.Activation is not null).Select(entry => entry.Activation!)];
        if (activations.Length > 0)
        {
            await StoreAsync(activations);
        }

        foreach (var activation in activations)
        {
            _pending.TryRemove(activation.Id, out _);
        }

        foreach (var entry in batch)
        {
            entry.Committed?.TrySetResult();
        }
    }

    private async Task StoreAsync(Activation[] activations)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await store.AddAsync(activations);
                return;
            }
#pragma warning disable CA1031 // Whatever the database throws must not end the only writer of records.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                if (attempt >= AttemptsMax)
                {
                    Log.Lost(logger, exception, activations.Length);
                    return;
                }

                Log.Retrying(logger, exception, activations.Length);
                await Task.Delay(_retryDelay * attempt, clock);
            }
        }
    }

    private readonly record struct Entry(Activation? Activation, TaskCompletionSource? Committed);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "Storing {Count} activation records failed; trying again")]
        public static partial void Retrying(ILogger logger, Exception exception, int count);

        [LoggerMessage(2, LogLevel.Error, "{Count} activation records are lost: the database refused them five times")]
        public static partial void Lost(ILogger logger, Exception exception, int count);
    }
}
