namespace Signalbox.Events.DeadLetters;

/// <summary>Who has to mend what a dead letter tells of.</summary>
public enum DeadLetterFault
{
    /// <summary><c>endpoint</c>: the owner of the webhook or action.</summary>
    Endpoint,

    /// <summary><c>user</c>: nobody; somebody wanted it so.</summary>
    User,

    /// <summary><c>signalbox</c>: the operator of this server.</summary>
    Signalbox,
}
