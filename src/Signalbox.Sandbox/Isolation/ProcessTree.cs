namespace Signalbox.Sandbox.Isolation;

/// <summary>
/// The processes of one sandbox, as the host counts them: those of its control group, or else those that descend from
/// the one that was started.
/// </summary>
internal sealed class ProcessTree(int root, ControlGroup? group)
{
    /// <summary>All that there are now; one that is being made may be missing.</summary>
    /// <param name="table">Asked where there is no control group.</param>
    public IReadOnlySet<int> List(ProcessTable table)
    {
        var members = group?.ListProcesses() ?? [];
        return members.Count > 0 ? members.ToHashSet() : Descendants(table);
    }

    private HashSet<int> Descendants(ProcessTable table)
    {
        var found = new HashSet<int> { root };
        var unseen = new Queue<int>([root]);
        while (unseen.TryDequeue(out var pid))
        {
            foreach (var child in table.ChildrenOf(pid).Where(found.Add))
            {
                unseen.Enqueue(child);
            }
        }

        return found;
    }
}
