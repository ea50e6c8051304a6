namespace Signalbox.Storage.Faults;

/// <summary>
/// The places on an event's way at which <see cref="Failpoints"/> can end, stop or fail the process: before and after
/// each write, and around each step between two writes. One list, in the order of the way.
/// </summary>
public static class Failpoint
{
    /// <summary>A publish is checked and matched; nothing is written yet.</summary>
    public const string AcceptBeforeCommit = "accept.before-commit";

    /// <summary>The event, its journal places and its deliveries are durable; the publisher does not know yet.</summary>
    public const string AcceptAfterCommit = "accept.after-commit";

    /// <summary>The publisher's 200 is written to its connection.</summary>
    public const string AcceptAfterAnswer = "accept.after-answer";

    /// <summary>A group of write operations ran in its transaction; the commit comes next.</summary>
    public const string CommitBefore = "commit.before";

    /// <summary>The commit is durable; no caller knows yet.</summary>
    public const string CommitAfter = "commit.after";

    /// <summary>Rows are due; none is claimed yet.</summary>
    public const string ClaimBefore = "claim.before";

    /// <summary>Rows are claimed in the table; memory does not have them yet.</summary>
    public const string ClaimAfter = "claim.after";

    /// <summary>A delivery has its turn; its payload is not signed yet.</summary>
    public const string SignBefore = "sign.before";

    /// <summary>The payload is signed.</summary>
    public const string SignAfter = "sign.after";

    /// <summary>The request is composed; the endpoint has seen nothing.</summary>
    public const string SendBefore = "send.before";

    /// <summary>The endpoint has answered; the outcome is nowhere yet.</summary>
    public const string SendAfter = "send.after";

    /// <summary>A delivery succeeded; its row is still there.</summary>
    public const string DoneBeforeCommit = "done.before-commit";

    /// <summary>A delivery succeeded and its row is gone.</summary>
    public const string DoneAfterCommit = "done.after-commit";

    /// <summary>An attempt failed; its retry is not scheduled yet.</summary>
    public const string RetryBeforeCommit = "retry.before-commit";

    /// <summary>The retry is scheduled in the table.</summary>
    public const string RetryAfterCommit = "retry.after-commit";

    /// <summary>A delivery ended without success; that is not written yet.</summary>
    public const string GiveUpBeforeCommit = "give-up.before-commit";

    /// <summary>A delivery ended without success, and its row is gone.</summary>
    public const string GiveUpAfterCommit = "give-up.after-commit";

    /// <summary>A replay has room for more of its events; it does not owe them yet.</summary>
    public const string ReplayBeforeCommit = "replay.before-commit";

    /// <summary>The replay owes them, and its cursor stands behind them.</summary>
    public const string ReplayAfterCommit = "replay.after-commit";

    /// <summary>Somebody redrives a dead letter; it is still one.</summary>
    public const string RedriveBeforeCommit = "redrive.before-commit";

    /// <summary>The dead letter is a delivery again; the caller does not know yet.</summary>
    public const string RedriveAfterCommit = "redrive.after-commit";

    /// <summary>All of them, in the order of the way.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        AcceptBeforeCommit, AcceptAfterCommit, AcceptAfterAnswer, CommitBefore, CommitAfter, ClaimBefore, ClaimAfter,
        SignBefore, SignAfter, SendBefore, SendAfter, DoneBeforeCommit, DoneAfterCommit, RetryBeforeCommit, RetryAfterCommit,
        GiveUpBeforeCommit, GiveUpAfterCommit, ReplayBeforeCommit, ReplayAfterCommit, RedriveBeforeCommit, RedriveAfterCommit,
    ];
}
