namespace Signalbox.Storage;

/// <summary>An operation like no other.</summary>
internal sealed class SingleWrite<TResult>(Func<WriteSession, TResult> operation) : PendingWrite<TResult>
{
    public override void Run(WriteSession session, IReadOnlyList<PendingWrite> peers) => Result = operation(session);
}
