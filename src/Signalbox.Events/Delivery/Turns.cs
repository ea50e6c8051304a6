using System.Diagnostics.CodeAnalysis;
using Signalbox.Identity;

namespace Signalbox.Events.Delivery;

/// <summary>
/// Whose turn it is, among lanes that can start a request: organizations take turns, and within each its registrations
/// do, so that neither a busy registration nor an organization with many of them pushes others aside.
/// </summary>
internal sealed class Turns
{
    private readonly Queue<Queue<Lane>> _round = new();
    private readonly Dictionary<OrganizationId, Queue<Lane>> _organizations = [];

    /// <summary>Puts a lane at the end of its organization's turns.</summary>
    public void Enqueue(Lane lane)
    {
        if (!_organizations.TryGetValue(lane.OrganizationId, out var lanes))
        {
            _organizations.Add(lane.OrganizationId, lanes = new Queue<Lane>());
            _round.Enqueue(lanes);
        }

        lanes.Enqueue(lane);
    }

    /// <summary>Takes the lane whose turn it is.</summary>
    public bool TryDequeue([MaybeNullWhen(false)] out Lane lane)
    {
        if (!_round.TryDequeue(out var lanes))
        {
            lane = null;
            return false;
        }

        lane = lanes.Dequeue();
        if (lanes.Count > 0)
        {
            _round.Enqueue(lanes);
        }
        else
        {
            _organizations.Remove(lane.OrganizationId);
        }

        return true;
    }
}
