using System.Text;

namespace Signalbox.Sandbox.Pool;

/// <summary>The lines of one activation, from loading to its end. Filled by the process's reader, read after the end.</summary>
internal sealed class ActivationLog : IDisposable
{
    /// <summary>
    /// What a line takes of the limit at least: it is kept with its time and its stream, so that short ones, millions of
    /// which fit the limit by their text, would take many times as much of this server's memory. The launchers count alike.
    /// </summary>
    private const int LineBytesMin = 64;

    /// <summary>What a line takes of this server's memory besides its characters.</summary>
    private const int LineOverheadBytes = 64;

    private readonly Lock _gate = new();
    private readonly List<LogLine> _lines = [];
    private readonly SandboxedAction _action;
    private readonly SandboxRequest _request;
    private readonly LogMemory _memory;
    private int _bytesLeft;
    private long _memoryBytes;
    private bool _truncated;
    private bool _isClosed;

    public ActivationLog(SandboxedAction action, SandboxRequest request, LogMemory memory)
    {
        _action = action;
        _request = request;
        _memory = memory;
        _bytesLeft = action.LogBytesMax;
    }

    public bool Truncated
    {
        get
        {
            lock (_gate)
            {
                return _truncated;
            }
        }
    }

    /// <summary>Keeps the line if the limit allows; the launcher has the same limit, but is not trusted with it.</summary>
    public void Add(DateTimeOffset time, LogStream stream, ReadOnlySpan<byte> text)
    {
        lock (_gate)
        {
            if (_isClosed)
            {
                return;
            }

            if (_truncated || Math.Max(LineBytesMin, text.Length) > _bytesLeft)
            {
                _truncated = true;
                return;
            }

            var bytes = LineOverheadBytes + (text.Length * sizeof(char));
            if (!_memory.TryTake(bytes))
            {
                _isClosed = true;
                Keep(new LogLine(time, LogStream.Stderr, $"Logs were cut here because all running activations together have printed {_memory.TotalMb} MB (Sandbox:LogMemoryMb)."));
                return;
            }

            _memoryBytes += bytes;
            _bytesLeft -= Math.Max(LineBytesMin, text.Length);
            Keep(new LogLine(time, stream, Encoding.UTF8.GetString(text)));
        }
    }

    public void Truncate()
    {
        lock (_gate)
        {
            _truncated = true;
        }
    }

    /// <summary>Keeps nothing more, and gives back what the lines took of the memory of all.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isClosed = true;
            if (_memoryBytes > 0)
            {
                _memory.Release(_memoryBytes);
                _memoryBytes = 0;
            }
        }
    }

    public IReadOnlyList<LogLine> ToList()
    {
        lock (_gate)
        {
            return _lines.Count == 0 ? [] : [.. _lines];
        }
    }

    private void Keep(LogLine line)
    {
        _lines.Add(line);
        _request.LogListener?.OnLine(_action, _request, line);
    }
}
