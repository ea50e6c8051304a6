using System.Numerics;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>Finds the alternatives that one value of a field leads to.</summary>
internal readonly ref struct FieldLookup
{
    private readonly MatchBuffers _buffers;
    private readonly FieldIndex _field;
    private readonly Span<ulong> _negatives;

    public FieldLookup(MatchBuffers buffers, FieldIndex field)
    {
        _buffers = buffers;
        _field = field;
        var used = field.Negatives.Used;
        if (used.IsEmpty) return;
        if (buffers.Words.Length < used.Length) buffers.Words = new ulong[used.Length * 2];
        _negatives = buffers.Words.AsSpan(0, used.Length);
        used.CopyTo(_negatives);
    }

    public void Find(ref LeafValue value)
    {
        switch (value.Kind)
        {
            case LeafKind.Text:
                FindText(ref value);
                break;
            case LeafKind.Number:
                FindNumber(ref value);
                break;
            case LeafKind.True:
                Take(_buffers, _field.True);
                break;
            case LeafKind.False:
                Take(_buffers, _field.False);
                break;
            default:
                Take(_buffers, _field.Null);
                break;
        }
        Take(_buffers, _field.Present);
        TakeNegatives();
    }

    /// <summary>A single test is a match. Others become candidates, each alternative once.</summary>
    public static void Take(MatchBuffers buffers, Postings? postings)
    {
        if (postings is null) return;
        foreach (var alternative in postings.Items) Take(buffers, alternative);
    }

    private static void Take(MatchBuffers buffers, RegisteredAlternative alternative)
    {
        var owner = alternative.Owner;
        if (alternative.IsSingle)
        {
            if (buffers.MarkRegistration(owner.Id)) buffers.Matches.Add(owner);
        }
        else if (!buffers.IsRegistrationMarked(owner.Id) && buffers.MarkAlternative(alternative.Id))
        {
            buffers.Candidates.Add(alternative);
        }
    }

    private void Take(Hits? hits)
    {
        if (hits is null) return;
        Take(_buffers, hits.Satisfied);
        hits.Refused?.ClearFrom(_negatives);
    }

    private void TakeNegatives()
    {
        for (var i = 0; i < _negatives.Length; i++)
        {
            for (var word = _negatives[i]; word != 0; word &= word - 1)
            {
                Take(_buffers, _field.Negatives.At(i * 64 + BitOperations.TrailingZeroCount(word)));
            }
        }
    }

    private void FindText(ref LeafValue value)
    {
        Take(_field.Texts.Find(value.Text));
        TakeAffixes(_field.Prefixes, value.Text, fromEnd: false);
        TakeAffixes(_field.Suffixes, value.Text, fromEnd: true);
        if (_field.NeedsFolding)
        {
            var folded = value.Folded;
            Take(_field.FoldedTexts.Find(folded));
            TakeAffixes(_field.FoldedPrefixes, folded, fromEnd: false);
            TakeAffixes(_field.FoldedSuffixes, folded, fromEnd: true);
        }
        if (_field.Networks.Count > 0 && IpLiteral.TryParse(value.Text, out var address)) FindAddress(address);
    }

    private void FindAddress(IpLiteral address)
    {
        Span<byte> key = stackalloc byte[IpLiteral.KeyLength];
        foreach (var (bits, _) in _field.NetworkWidths.Of(address.IsIpv6))
        {
            address.WriteKey(bits, key);
            Take(_field.Networks.Find(key));
        }
    }

    private void TakeAffixes(AffixTrie<Hits> trie, ReadOnlySpan<byte> text, bool fromEnd)
    {
        var position = 0;
        for (var node = trie; node is not null; node = node.Next(text, fromEnd, ref position)) Take(node.Value);
    }

    private void FindNumber(ref LeafValue value)
    {
        if (!value.IsComparable)
        {
            Take(_field.Tokens.Find(value.Text));
            return;
        }
        if (_field.Numbers.Count > 0)
        {
            Span<byte> key = stackalloc byte[FieldIndex.NumberKeyLength];
            FieldIndex.WriteNumberKey(value.Number, key);
            Take(_field.Numbers.Find(key));
        }
        TakeRanges(_field.Ranges, value.Number);
    }

    private void TakeRanges(RangeTree? tree, double number)
    {
        while (tree is not null && tree.Highest >= number)
        {
            TakeRanges(tree.Left, number);
            if (tree.Bounds.Low > number) return;
            if (tree.Bounds.Contain(number)) Take(_buffers, tree.Value);
            tree = tree.Right;
        }
    }
}
