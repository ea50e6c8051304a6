using System.Globalization;

namespace Signalbox.Sandbox.Isolation;

/// <summary>Who is whose child on this host, as of the first question.</summary>
internal sealed class ProcessTable
{
    private readonly Lazy<ILookup<int, int>> _children = new(Read);

    public IEnumerable<int> ChildrenOf(int pid) => _children.Value[pid];

    private static ILookup<int, int> Read() => Directory.EnumerateDirectories("/proc")
        .Select(folder => int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid) ? pid : 0)
        .Where(pid => pid > 0)
        .ToLookup(ParentOf);

    private static int ParentOf(int pid)
    {
        try
        {
            // "pid (name) state parent …"; the name may hold anything.
            var stat = File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/stat"));
            return int.Parse(stat[(stat.LastIndexOf(')') + 1)..].Split(' ', 4, StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            return 0;
        }
    }
}
