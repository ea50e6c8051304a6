using Signalbox.Sandbox.Kinds;

namespace Signalbox.Sandbox.Pool;

/// <summary>
/// Who runs where. An activation takes a seat in a process of its action; else one in a new process, for which idle
/// ones of other actions may have to go, the longest unused first; else it waits its turn.
/// </summary>
internal sealed class Places
{
    private readonly MemoryBudget _budget;
    private readonly PrestartedProcesses _prestarted;
    private readonly int _queueLength;
    private readonly TimeProvider _time;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, List<Place>> _byAction = new(StringComparer.Ordinal);
    private readonly LinkedList<Waiter> _queue = [];

    public Places(MemoryBudget budget, PrestartedProcesses prestarted, int queueLength, TimeProvider time)
    {
        _budget = budget;
        _prestarted = prestarted;
        _queueLength = queueLength;
        _time = time;
    }

    /// <summary>A seat in a process that has loaded the action; null when there is none.</summary>
    public Place? TryJoinLoaded(SandboxedAction action)
    {
        lock (_gate)
        {
            if (FindRoom(action) is not { IsLoaded: true } place)
            {
                return null;
            }

            place.Running++;
            return place;
        }
    }

    /// <summary>A seat that is free now; null when the activation has to wait.</summary>
    public Place? TryTake(SandboxedAction action, Interpreter interpreter)
    {
        lock (_gate)
        {
            // Those who wait for memory come first; a seat in a loaded process is nobody else's.
            return TryJoin(action) ?? (_queue.Count == 0 ? TryOpen(action, interpreter) : null);
        }
    }

    /// <summary>Waits for a seat. Null: the queue is full, or the time is over.</summary>
    public async Task<Place?> WaitAsync(
        SandboxedAction action, Interpreter interpreter, TimeSpan timeout, CancellationToken cancellationToken)
    {
        var waiter = new Waiter(action, interpreter);
        LinkedListNode<Waiter> node;
        lock (_gate)
        {
            if (_queue.Count >= _queueLength)
            {
                return null;
            }

            node = _queue.AddLast(waiter);
            ServeQueue();
        }

        try
        {
            return await waiter.Seat.Task.WaitAsync(timeout, _time, cancellationToken);
        }
        catch (Exception exception) when (exception is TimeoutException or OperationCanceledException)
        {
            return GiveUpWaiting(node, exception);
        }
    }

    /// <summary>
    /// A new process of the action for a debugger to look into, taken until its release; null when there is no memory.
    /// It is the only one that further activations go to: the others are closed. Who takes it starts the process and
    /// completes <see cref="Place.Opening"/>.
    /// </summary>
    public Place? TryOpenForInspection(SandboxedAction action, Interpreter interpreter)
    {
        lock (_gate)
        {
            Close(action.Id);
            return TryOpen(action, interpreter, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        }
    }

    /// <summary>True while a debugger looks into a process of this action.</summary>
    public bool IsInspected(string actionId)
    {
        lock (_gate)
        {
            return _byAction.GetValueOrDefault(actionId, []).Exists(place => place.Process is { IsInspected: true });
        }
    }

    /// <summary>The activation has ended; its seat is free, or its process goes.</summary>
    public void Release(Place place)
    {
        lock (_gate)
        {
            place.Running--;
            place.LastUsed = _time.GetTimestamp();
            var isSpent = place.IsClosing || place.Process is null or { IsUsable: false };
            if (place.IsIdle && isSpent)
            {
                Remove(place);
            }

            ServeQueue();
        }
    }

    /// <summary>Closes the action's processes: idle ones now, busy ones when they fall idle.</summary>
    public void Retire(string actionId)
    {
        lock (_gate)
        {
            Close(actionId);
            ServeQueue();
        }
    }

    /// <summary>Ends the processes that nobody used for so long.</summary>
    public void EndIdle(TimeSpan idle)
    {
        lock (_gate)
        {
            foreach (var place in All().Where(place => place.IsIdle && place.Process is not { IsInspected: true } && HasPassed(place, idle)).ToArray())
            {
                Remove(place);
            }

            ServeQueue();
        }
    }

    public int Running()
    {
        lock (_gate)
        {
            return All().Sum(place => place.Running);
        }
    }

    /// <summary>Refuses all that wait: the pool is stopping.</summary>
    public void RefuseQueue()
    {
        lock (_gate)
        {
            foreach (var waiter in _queue)
            {
                waiter.Seat.TrySetResult(null);
            }

            _queue.Clear();
        }
    }

    private Place? GiveUpWaiting(LinkedListNode<Waiter> node, Exception exception)
    {
        lock (_gate)
        {
            if (node.List is not null)
            {
                _queue.Remove(node);
            }
        }

        // A seat that was given in the same moment must not be lost.
        var seat = node.Value.Seat.Task is { IsCompletedSuccessfully: true, Result: { } given } ? given : null;
        if (exception is not OperationCanceledException)
        {
            return seat;
        }

        if (seat is not null)
        {
            Release(seat);
        }

        throw exception;
    }

    private Place? TryJoin(SandboxedAction action)
    {
        var best = FindRoom(action);
        if (best is not null)
        {
            best.Running++;
        }

        return best;
    }

    private Place? FindRoom(SandboxedAction action)
    {
        if (!_byAction.TryGetValue(action.Id, out var places))
        {
            return null;
        }

        Place? best = null;
        foreach (var place in places)
        {
            // The fullest first: the others can fall idle and go.
            if (place.HasRoom && place.Action.Owner == action.Owner && (best is null || place.Running > best.Running))
            {
                best = place;
            }
        }

        return best;
    }

    private Place? TryOpen(SandboxedAction action, Interpreter interpreter, TaskCompletionSource? opening = null)
    {
        var prestarted = _prestarted.TryTake(interpreter, action.MemoryMb);
        if (prestarted is null && !TryReserve(action.MemoryMb))
        {
            return null;
        }

        var place = new Place { Action = action, Interpreter = interpreter, Process = prestarted, Opening = opening, Running = 1 };
        if (!_byAction.TryGetValue(action.Id, out var places))
        {
            _byAction[action.Id] = places = [];
        }

        places.Add(place);
        return place;
    }

    private bool TryReserve(int memoryMb)
    {
        if (memoryMb > _budget.TotalMb)
        {
            return false;
        }

        while (!_budget.TryReserve(memoryMb))
        {
            var idle = All().Where(place => place.IsIdle).MinBy(place => place.LastUsed);
            if (idle is not null)
            {
                Remove(idle);
                SandboxMetrics.Evicted.Add(1);
            }
            else if (!_prestarted.GiveUp())
            {
                return false;
            }
        }

        return true;
    }

    private void Close(string actionId)
    {
        foreach (var place in _byAction.GetValueOrDefault(actionId, []).ToArray())
        {
            place.IsClosing = true;
            if (place.IsIdle)
            {
                Remove(place);
            }
        }
    }

    private void Remove(Place place)
    {
        if (!_byAction.TryGetValue(place.Action.Id, out var places) || !places.Remove(place))
        {
            return;
        }

        if (places.Count == 0)
        {
            _byAction.Remove(place.Action.Id);
        }

        place.IsClosing = true;
        _budget.Release(place.Action.MemoryMb);
        place.Process?.Kill();
    }

    private void ServeQueue()
    {
        var mayOpen = true;
        for (var node = _queue.First; node is not null;)
        {
            var next = node.Next;
            var waiter = node.Value;
            var seat = TryJoin(waiter.Action);
            if (seat is null && mayOpen)
            {
                seat = TryOpen(waiter.Action, waiter.Interpreter);
                // First come, first served: nobody overtakes the one who waits for memory.
                mayOpen = seat is not null;
            }

            if (seat is not null)
            {
                _queue.Remove(node);
                waiter.Seat.SetResult(seat);
            }

            node = next;
        }
    }

    private IEnumerable<Place> All() => _byAction.Values.SelectMany(places => places);

    private bool HasPassed(Place place, TimeSpan idle) => _time.GetElapsedTime(place.LastUsed) >= idle;

    private sealed record Waiter(SandboxedAction Action, Interpreter Interpreter)
    {
        public TaskCompletionSource<Place?> Seat { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
