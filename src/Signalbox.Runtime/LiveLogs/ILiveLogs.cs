using Signalbox.Runtime.Edge;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.LiveLogs;

/// <summary>Lines of running actions, as they are printed.</summary>
public interface ILiveLogs
{
    /// <summary>
    /// Follows a namespace, or one action of it, from now on until the feed is disposed; 429 when too many follow that
    /// namespace already.
    /// </summary>
    Outcome<LiveLogFeed> Follow(string @namespace, EntityName? action);
}
