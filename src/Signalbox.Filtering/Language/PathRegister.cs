namespace Signalbox.Filtering.Language;

/// <summary>
/// Knows where each path has been tested. A path may be tested again only where both tests can never meet in one
/// alternative, which is in different branches of the same <c>$or</c>.
/// </summary>
internal sealed class PathRegister
{
    private readonly Dictionary<string, List<Branch[]>> _places = new(StringComparer.Ordinal);
    private readonly List<Branch> _current = [];
    private int _scopes;

    public int EnterOr()
    {
        _current.Add(new Branch(_scopes, 0));
        return _scopes++;
    }

    public void EnterBranch(int scope, int number) => _current[^1] = new Branch(scope, number);

    public void LeaveOr() => _current.RemoveAt(_current.Count - 1);

    public bool TryAdd(string path)
    {
        if (!_places.TryGetValue(path, out var places)) _places[path] = places = [];
        foreach (var place in places)
        {
            if (!ExcludesCurrent(place)) return false;
        }
        places.Add([.. _current]);
        return true;
    }

    private bool ExcludesCurrent(Branch[] place)
    {
        foreach (var there in place)
        {
            foreach (var here in _current)
            {
                if (there.Scope == here.Scope && there.Number != here.Number) return true;
            }
        }
        return false;
    }

    private readonly record struct Branch(int Scope, int Number);
}
