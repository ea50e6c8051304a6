using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;

namespace Signalbox.Launcher;

/// <summary>One load or run: its log, and its end, which comes once.</summary>
internal sealed class Activation
{
    private const int LogHeadBytes = 9;

    /// <summary>What the host counts a shorter line as.</summary>
    private const int LineBytesMin = 64;
    private const int LineCharsMax = 1 << 20;

    private static readonly AsyncLocal<Activation?> _current = new();
    private static readonly ConcurrentDictionary<uint, Activation> _running = [];

    private readonly Connection _connection;
    private readonly uint _number;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly StringBuilder[] _partial = [new(), new()];
    private readonly Lock _gate = new();
    private int _logBytesLeft;
    private bool _ended;

    private Activation(Connection connection, uint number, int logBytesMax)
    {
        _connection = connection;
        _number = number;
        _logBytesLeft = logBytesMax;
    }

    /// <summary>The activation that the calling code belongs to; threads without one belong to a lone one.</summary>
    public static Activation? Current => _current.Value ?? (_running.Count == 1 ? _running.Values.FirstOrDefault() : null);

    public static Activation Begin(Connection connection, uint number, int logBytesMax)
    {
        var activation = new Activation(connection, number, logBytesMax);
        _running[number] = activation;
        _current.Value = activation;
        return activation;
    }

    public static void Leave() => _current.Value = null;

    public static void PrintToAll(string text)
    {
        foreach (var activation in _running.Values)
        {
            activation.Print(LogWriter.Stderr, text + "\n");
        }
    }

    public void Print(int stream, ReadOnlySpan<char> text)
    {
        lock (_gate)
        {
            for (var at = text.IndexOf('\n'); at >= 0; at = text.IndexOf('\n'))
            {
                _partial[stream].Append(text[..at]);
                PrintPartial(stream);
                text = text[(at + 1)..];
            }

            _partial[stream].Append(text);
            if (_partial[stream].Length > LineCharsMax)
            {
                PrintPartial(stream);
            }
        }
    }

    public void End(FrameType type, string text) => End(type, Encoding.UTF8.GetBytes(text));

    public void End(FrameType type, byte[] payload)
    {
        lock (_gate)
        {
            if (_ended)
            {
                return;
            }

            for (var stream = 0; stream < _partial.Length; stream++)
            {
                if (_partial[stream].Length > 0)
                {
                    PrintPartial(stream);
                }
            }

            _ended = true;
        }

        _running.TryRemove(_number, out _);
        _connection.Send(type, _number, payload);
    }

    private void PrintPartial(int stream)
    {
        var line = _partial[stream].ToString().TrimEnd('\r');
        _partial[stream].Clear();
        if (_ended || _logBytesLeft < 0)
        {
            return;
        }

        var frame = new byte[LogHeadBytes + Encoding.UTF8.GetByteCount(line)];
        _logBytesLeft -= Math.Max(LineBytesMin, frame.Length - LogHeadBytes);
        if (_logBytesLeft < 0)
        {
            _connection.Send(FrameType.LogsTruncated, _number, []);
            return;
        }

        frame[0] = (byte)stream;
        BinaryPrimitives.WriteDoubleLittleEndian(frame.AsSpan(1), Stopwatch.GetElapsedTime(_started).TotalMilliseconds);
        Encoding.UTF8.GetBytes(line, frame.AsSpan(LogHeadBytes));
        _connection.Send(FrameType.Log, _number, frame);
    }
}
