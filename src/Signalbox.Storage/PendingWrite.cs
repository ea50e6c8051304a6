namespace Signalbox.Storage;

/// <summary>An operation that waits for its group commit.</summary>
internal abstract class PendingWrite
{
    public abstract void Run(WriteSession session);

    public abstract void Complete();

    public abstract void Fail(Exception exception);
}

/// <inheritdoc/>
internal sealed class PendingWrite<T>(Func<WriteSession, T> operation) : PendingWrite
{
    // Continuations must not run on the writer's thread: the next group waits for it.
    private readonly TaskCompletionSource<T> _completion = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T _result = default!;

    public Task<T> Task => _completion.Task;

    public override void Run(WriteSession session) => _result = operation(session);

    public override void Complete() => _completion.TrySetResult(_result);

    public override void Fail(Exception exception) => _completion.TrySetException(exception);
}
