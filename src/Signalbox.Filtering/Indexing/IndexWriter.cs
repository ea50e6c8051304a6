using Signalbox.Filtering.Language;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// Makes the next snapshot from the last: a change copies the nodes on the way to what it touches and shares the rest.
/// For one thread at a time.
/// </summary>
internal sealed class IndexWriter
{
    private readonly IdPool _paths = new();
    private readonly IdPool _registrations = new();
    private readonly IdPool _alternatives = new();
    private PathNode _root;
    private AbsentPath[] _absentPaths = [];
    private int _verified;

    public IndexWriter() => _root = new PathNode(_paths.Take(), ByteMap<PathNode>.Empty, FieldIndex.Empty, 0);

    public int NewRegistrationId() => _registrations.Take();

    public IndexSnapshot Snapshot() => new()
    {
        Root = _root,
        AbsentPaths = _absentPaths,
        PathLimit = _paths.Limit,
        RegistrationLimit = _registrations.Limit,
        AlternativeLimit = _alternatives.Limit,
        Verified = _verified,
    };

    public void Add(Registration registration, EventFilter filter)
    {
        registration.Alternatives = [.. filter.Alternatives.Select(alternative => new RegisteredAlternative
        {
            Owner = registration,
            Id = _alternatives.Take(),
            Alternative = alternative,
            AccessTest = ChooseAccess(alternative),
        })];
        foreach (var alternative in registration.Alternatives) Change(alternative, add: true);
    }

    public void Remove(Registration registration)
    {
        foreach (var alternative in registration.Alternatives)
        {
            Change(alternative, add: false);
            _alternatives.Return(alternative.Id);
        }
        _registrations.Return(registration.Id);
    }

    /// <summary>
    /// The test that is likely to be satisfied by the fewest events. One that accepts absence depends on what the tests
    /// before it have fixed, so it can only be the access when it is the first; and it is when there is no other.
    /// </summary>
    private int ChooseAccess(FilterAlternative alternative)
    {
        var chosen = 0;
        var least = long.MaxValue;
        for (var i = 0; i < alternative.Tests.Length; i++)
        {
            var test = alternative.Tests[i];
            if (test.AcceptsAbsence) continue;
            var estimate = (Find(test)?.Access ?? FieldIndex.Empty).EstimateCandidates(test);
            if (estimate >= least) continue;
            least = estimate;
            chosen = i;
        }
        return chosen;
    }

    private PathNode? Find(FieldTest test)
    {
        PathNode? node = _root;
        foreach (var segment in test.Segments)
        {
            node = node.Children.Find(segment);
            if (node is null) return null;
        }
        return node;
    }

    private void Change(RegisteredAlternative alternative, bool add)
    {
        var tests = alternative.Alternative.Tests;
        var pathIds = new int[tests.Length];
        for (var i = 0; i < tests.Length; i++)
        {
            var change = new FieldChange(alternative, add, IsAccess: i == alternative.AccessTest);
            pathIds[i] = ChangePath(tests[i].Segments, change);
        }
        if (alternative.IsSingle) return;
        _verified += add ? 1 : -1;
        alternative.PathIds = pathIds;
    }

    /// <summary>
    /// Copies the nodes of a path with the change made at its end, and drops those that nothing uses any more. A loop,
    /// because a name full of dots is a path of thousands of levels. Gives the id of the path.
    /// </summary>
    private int ChangePath(byte[][] path, FieldChange change)
    {
        var parents = new PathNode[path.Length];
        var node = _root;
        for (var i = 0; i < path.Length; i++)
        {
            parents[i] = node;
            node = node.Children.Find(path[i]) ?? new PathNode(_paths.Take(), ByteMap<PathNode>.Empty, FieldIndex.Empty, 0);
        }
        var below = Kept(Changed(node, change));
        for (var i = path.Length - 1; i > 0; i--) below = Kept(parents[i].WithChild(path[i], below));
        _root = _root.WithChild(path[0], below);
        return node.Id;
    }

    private PathNode? Kept(PathNode node)
    {
        if (!node.IsUnused) return node;
        _paths.Return(node.Id);
        return null;
    }

    private PathNode Changed(PathNode node, FieldChange change)
    {
        var verifications = node.Verifications + (change.Alternative.IsSingle ? 0 : change.Add ? 1 : -1);
        if (!change.IsAccess) return new PathNode(node.Id, node.Children, node.Access, verifications);
        var access = node.Access.Changed(change.Alternative, change.Add);
        if (access.Absent != node.Access.Absent)
        {
            var others = _absentPaths.Where(path => path.PathId != node.Id);
            _absentPaths = access.Absent is null ? [.. others] : [.. others, new AbsentPath(node.Id, access.Absent)];
        }
        return new PathNode(node.Id, node.Children, access, verifications);
    }

    private readonly record struct FieldChange(RegisteredAlternative Alternative, bool Add, bool IsAccess);
}
