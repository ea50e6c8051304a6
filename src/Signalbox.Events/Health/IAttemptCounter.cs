using Signalbox.Events.Registrations;

namespace Signalbox.Events.Health;

/// <summary>Is told of every delivery attempt whose outcome was kept.</summary>
internal interface IAttemptCounter
{
    /// <summary>Counts one HTTP attempt, of a batch as of a single event. Never waits.</summary>
    void Count(Registration registration, bool isSuccess, DateTimeOffset at);
}
