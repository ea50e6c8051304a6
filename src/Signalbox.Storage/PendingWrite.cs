namespace Signalbox.Storage;

/// <summary>An operation that waits for its group commit.</summary>
internal abstract class PendingWrite
{
    /// <summary>Operations of an equal kind run together; null: it runs alone.</summary>
    public virtual object? Kind => null;

    /// <summary>See <see cref="GroupedWrite{TItem, TResult}.RunsLast"/>.</summary>
    public virtual bool RunsLast => false;

    /// <summary>Runs this operation and its peers, which are of its kind; it is the first of them.</summary>
    public abstract void Run(WriteSession session, IReadOnlyList<PendingWrite> peers);

    /// <summary>The run of this operation and its peers is committed; see <see cref="GroupedWrite{TItem, TResult}.Committed"/>.</summary>
    public virtual void Committed(IReadOnlyList<PendingWrite> peers)
    {
    }

    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <summary>An operation with a result for its caller.</summary>
internal abstract class PendingWrite<TResult> : PendingWrite
{
    // Continuations must not run on the writer's thread: the next group waits for it.
    private readonly TaskCompletionSource<TResult> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<TResult> Task => _completion.Task;

    protected TResult Result { get; set; } = default!;

    public override void Complete() => _completion.TrySetResult(Result);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
