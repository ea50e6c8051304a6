using System.Text;

namespace Signalbox.Sandbox.Pool;

/// <summary>The lines of one activation, from loading to its end. Filled by the process's reader, read after the end.</summary>
internal sealed class ActivationLog
{
    /// <summary>
    /// What a line takes of the limit at least: it is kept with its time and its stream, so that short ones, millions of
    /// which fit the limit by their text, would take many times as much of this server's memory. The launchers count alike.
    /// </summary>
    private const int LineBytesMin = 64;

    private readonly Lock _gate = new();
    private readonly List<LogLine> _lines = [];
    private readonly SandboxedAction _action;
    private readonly SandboxRequest _request;
    private int _bytesLeft;
    private bool _truncated;

    public ActivationLog(SandboxedAction action, SandboxRequest request)
    {
        _action = action;
        _request = request;
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
            if (_truncated || Math.Max(LineBytesMin, text.Length) > _bytesLeft)
            {
                _truncated = true;
                return;
            }

            _bytesLeft -= Math.Max(LineBytesMin, text.Length);
            var line = new LogLine(time, stream, Encoding.UTF8.GetString(text));
            _lines.Add(line);
            _request.LogListener?.OnLine(_action, _request, line);
        }
    }

    public void Truncate()
    {
        lock (_gate)
        {
            _truncated = true;
        }
    }

    public IReadOnlyList<LogLine> ToList()
    {
        lock (_gate)
        {
            return _lines.Count == 0 ? [] : [.. _lines];
        }
    }
}
