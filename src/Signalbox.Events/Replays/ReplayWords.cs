namespace Signalbox.Events.Replays;

/// <summary>The words of the wire and of the database.</summary>
internal static class ReplayWords
{
    public static string Of(ReplayState state) => state switch
    {
        ReplayState.Running => "running",
        ReplayState.Cancelling => "cancelling",
        ReplayState.Done => "done",
        _ => "cancelled",
    };

    public static ReplayState ToState(string word) =>
        Enum.GetValues<ReplayState>().First(state => Of(state) == word);
}
