namespace Signalbox.Events.Registrations;

/// <summary>
/// Lets the edits of one registration run one after the other: each asks the endpoint its challenge, and of several at
/// once all but one would have asked for nothing.
/// </summary>
internal sealed class EditTurns
{
    /// <summary>Edits of one registration at once: one that runs, and those that wait for it.</summary>
    public const int PerRegistrationMax = 32;

    private readonly Lock _gate = new();
    private readonly Dictionary<long, Line> _lines = [];

    /// <summary>Waits for a turn, which ends when it is disposed. Null when too many wait already.</summary>
    public async Task<IDisposable?> WaitAsync(long registrationKey, CancellationToken cancellationToken)
    {
        Line? line;
        lock (_gate)
        {
            if (!_lines.TryGetValue(registrationKey, out line))
            {
                _lines.Add(registrationKey, line = new Line());
            }

            if (line.Length == PerRegistrationMax)
            {
                return null;
            }

            line.Length++;
        }

        try
        {
            await line.Free.WaitAsync(cancellationToken);
        }
        catch
        {
            Leave(registrationKey, line);
            throw;
        }

        return new Turn(this, registrationKey, line);
    }

    private void Leave(long registrationKey, Line line)
    {
        lock (_gate)
        {
            if (--line.Length == 0)
            {
                _lines.Remove(registrationKey);
                line.Dispose();
            }
        }
    }

    private sealed class Line : IDisposable
    {
        public SemaphoreSlim Free { get; } = new(1);

        /// <summary>Touched under the gate.</summary>
        public int Length { get; set; }

        public void Dispose() => Free.Dispose();
    }

    private sealed class Turn(EditTurns turns, long registrationKey, Line line) : IDisposable
    {
        public void Dispose()
        {
            line.Free.Release();
            turns.Leave(registrationKey, line);
        }
    }
}
