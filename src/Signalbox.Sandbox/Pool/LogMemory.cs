using Microsoft.Extensions.Logging;

namespace Signalbox.Sandbox.Pool;

/// <summary>The memory that the lines of all running activations may take together.</summary>
internal sealed partial class LogMemory(int totalMb, ILogger logger)
{
    private readonly long _totalBytes = totalMb * 1024L * 1024;
    private long _takenBytes;
    private int _isShort;

    public int TotalMb => totalMb;

    /// <summary>What running activations hold now.</summary>
    public long TakenBytes => Volatile.Read(ref _takenBytes);

    /// <summary>False: there is no room for them, and nothing was taken.</summary>
    public bool TryTake(int bytes)
    {
        if (Interlocked.Add(ref _takenBytes, bytes) <= _totalBytes)
        {
            return true;
        }

        Interlocked.Add(ref _takenBytes, -bytes);
        if (Interlocked.Exchange(ref _isShort, 1) == 0)
        {
            Log.Short(logger, totalMb);
        }

        return false;
    }

    public void Release(long bytes)
    {
        // Told again only after there was room for long, not with every line at the brink.
        if (Interlocked.Add(ref _takenBytes, -bytes) < _totalBytes / 2)
        {
            Volatile.Write(ref _isShort, 0);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(11, LogLevel.Warning, "The activations that run now have printed {TotalMb} MB together: logs are cut. Raise Sandbox:LogMemoryMb.")]
        public static partial void Short(ILogger logger, int totalMb);
    }
}
