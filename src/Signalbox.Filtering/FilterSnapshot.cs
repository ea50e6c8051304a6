using System.Runtime.CompilerServices;
using Signalbox.Filtering.Indexing;

namespace Signalbox.Filtering;

/// <summary>
/// The filters of a <see cref="FilterIndex{TKey}"/> as they stood when this was taken: later changes of the index do
/// not show here. Taking one costs nothing; it shares everything with the index.
/// </summary>
public sealed class FilterSnapshot<TKey>
    where TKey : notnull
{
    private readonly IndexSnapshot _snapshot;

    internal FilterSnapshot(IndexSnapshot snapshot) => _snapshot = snapshot;

    /// <inheritdoc cref="FilterIndex{TKey}.TryMatch"/>
    public bool TryMatch(ReadOnlySpan<byte> utf8Event, ICollection<TKey> matches)
    {
        ArgumentNullException.ThrowIfNull(matches);
        return TryMatch(_snapshot, utf8Event, matches);
    }

    internal static bool TryMatch(IndexSnapshot snapshot, ReadOnlySpan<byte> utf8Event, ICollection<TKey> matches)
    {
        var buffers = MatchBuffers.Rent(snapshot);
        try
        {
            if (!new EventMatcher(snapshot, buffers, utf8Event).TryMatch()) return false;
            foreach (var match in buffers.Matches.Items) matches.Add(Unsafe.As<Registration<TKey>>(match).Key);
            return true;
        }
        finally
        {
            buffers.Return();
        }
    }
}
