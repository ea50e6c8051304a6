using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Limits;

/// <summary>
/// Bounds the request bodies that are still coming, in number for each namespace and in memory: whoever sends slowly holds
/// up nobody's activations, and takes no more memory than what they sent is worth. One namespace may fill half of the memory.
/// </summary>
internal sealed class BodyIntake(RuntimeOptions options)
{
    private readonly long _bytesMax = (long)options.BodyMemoryMb << 20;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Share> _shares = new(StringComparer.Ordinal);
    private long _bytes;

    /// <summary>Takes a place for one body, or says why there is none. After a place, call <see cref="Leave"/> once.</summary>
    public Refusal? TryEnter(string @namespace)
    {
        lock (_gate)
        {
            var share = _shares.GetValueOrDefault(@namespace);
            if (share.Bodies >= options.BodiesPerNamespaceMax)
            {
                return Refusal.TooManyBodies(share.Bodies + 1, options.BodiesPerNamespaceMax);
            }

            _shares[@namespace] = share with { Bodies = share.Bodies + 1 };
            return null;
        }
    }

    /// <summary>Takes memory for a body that has a place, or says why there is none.</summary>
    public Refusal? TryHold(string @namespace, int bytes)
    {
        lock (_gate)
        {
            var share = _shares[@namespace];
            if (share.Bytes + bytes > _bytesMax / 2 || _bytes + bytes > _bytesMax)
            {
                return Refusal.Overloaded;
            }

            _shares[@namespace] = share with { Bytes = share.Bytes + bytes };
            _bytes += bytes;
            return null;
        }
    }

    /// <summary>Gives back a body's place, and all memory that it took.</summary>
    public void Leave(string @namespace, int bytes)
    {
        lock (_gate)
        {
            var share = _shares[@namespace];
            _bytes -= bytes;
            if (share.Bodies == 1)
            {
                _shares.Remove(@namespace);
            }
            else
            {
                _shares[@namespace] = new Share(share.Bodies - 1, share.Bytes - bytes);
            }
        }
    }

    /// <summary>The bodies of a namespace that are coming, and the bytes of memory that they take.</summary>
    public (int Bodies, long Bytes) Read(string @namespace)
    {
        lock (_gate)
        {
            var share = _shares.GetValueOrDefault(@namespace);
            return (share.Bodies, share.Bytes);
        }
    }

    private readonly record struct Share(int Bodies, long Bytes);
}
