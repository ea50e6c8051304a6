using System.Threading.Channels;

namespace Signalbox.Developer.Dev;

/// <summary>Tells when something in a folder has changed and then been quiet for a moment.</summary>
internal sealed class FolderWatcher : IDisposable
{
    private static readonly TimeSpan _quiet = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan _patience = TimeSpan.FromMilliseconds(400);

    private readonly string _folder;
    private readonly FileSystemWatcher _watcher;
    private readonly Channel<bool> _changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public FolderWatcher(string folder)
    {
        _folder = folder;
        _watcher = new FileSystemWatcher(folder)
        {
            IncludeSubdirectories = true,
            NotifyFilter = NotifyFilters.FileName | NotifyFilters.DirectoryName | NotifyFilters.LastWrite | NotifyFilters.Size,
            InternalBufferSize = 64 * 1024,
        };
        _watcher.Changed += (_, change) => Note(change.FullPath);
        _watcher.Created += (_, change) => Note(change.FullPath);
        _watcher.Deleted += (_, change) => Note(change.FullPath);
        _watcher.Renamed += (_, change) => Note(change.FullPath);
        // What was missed may have been anything.
        _watcher.Error += (_, _) => _changes.Writer.TryWrite(true);
        _watcher.EnableRaisingEvents = true;
    }

    /// <summary>
    /// Completes after a change, when no other has followed for a moment; a folder that never falls quiet is not
    /// waited for longer than that a change shows within a second.
    /// </summary>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        await _changes.Reader.ReadAsync(cancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < _patience)
        {
            await Task.Delay(_quiet, cancellationToken);
            if (!_changes.Reader.TryRead(out _))
            {
                return;
            }
        }
    }

    public void Dispose() => _watcher.Dispose();

    private void Note(string path)
    {
        var inside = Path.GetRelativePath(_folder, path);
        if (!inside.StartsWith(".git", StringComparison.Ordinal) || inside.StartsWith(".gitignore", StringComparison.Ordinal))
        {
            _changes.Writer.TryWrite(true);
        }
    }
}
