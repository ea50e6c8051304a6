using System.Buffers.Binary;
using Signalbox.Filtering.Language;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>
/// All alternatives that are found through one path, arranged by what they ask of a value there. Immutable;
/// <see cref="Changed"/> shares everything but the touched branch with the old version.
/// </summary>
internal sealed record FieldIndex
{
    public static readonly FieldIndex Empty = new();

    public const int NumberKeyLength = sizeof(long);

    public ByteMap<Hits> Texts { get; private init; } = ByteMap<Hits>.Empty;
    public ByteMap<Hits> FoldedTexts { get; private init; } = ByteMap<Hits>.Empty;
    public ByteMap<Hits> Numbers { get; private init; } = ByteMap<Hits>.Empty;
    public ByteMap<Hits> Tokens { get; private init; } = ByteMap<Hits>.Empty;
    public ByteMap<Hits> Networks { get; private init; } = ByteMap<Hits>.Empty;
    public NetworkWidths NetworkWidths { get; private init; } = NetworkWidths.Empty;
    public AffixTrie<Hits> Prefixes { get; private init; } = AffixTrie<Hits>.Empty;
    public AffixTrie<Hits> Suffixes { get; private init; } = AffixTrie<Hits>.Empty;
    public AffixTrie<Hits> FoldedPrefixes { get; private init; } = AffixTrie<Hits>.Empty;
    public AffixTrie<Hits> FoldedSuffixes { get; private init; } = AffixTrie<Hits>.Empty;
    public RangeTree? Ranges { get; private init; }
    public Postings? True { get; private init; }
    public Postings? False { get; private init; }
    public Postings? Null { get; private init; }
    public Postings? Present { get; private init; }
    public Postings? Absent { get; private init; }
    public Negatives Negatives { get; private init; } = Negatives.Empty;

    /// <summary>How many alternatives are found through this path.</summary>
    public int Count { get; private init; }

    /// <summary>Whether some entry looks at texts without regard to letter case.</summary>
    public bool NeedsFolding { get; private init; }

    public static void WriteNumberKey(double number, Span<byte> key) =>
        BinaryPrimitives.WriteInt64LittleEndian(key, BitConverter.DoubleToInt64Bits(number));

    /// <summary>This index with or without an alternative whose access test is at this path.</summary>
    public FieldIndex Changed(RegisteredAlternative alternative, bool add)
    {
        var index = this with { Count = Count + (add ? 1 : -1) };
        var test = alternative.Access;
        var slots = new List<int>(alternative.NegativeSlots);
        var negative = 0;
        foreach (var entry in test.ValueEntries)
        {
            index = entry is ValueTest.AnythingBut but
                ? index.Changed(but, alternative, slots, negative++, add)
                : index.Changed(entry, alternative, add);
        }
        alternative.NegativeSlots = [.. slots];
        if (test.AcceptsAbsence) index = index with { Absent = Postings.Changed(index.Absent, alternative, add) };
        return index with
        {
            NeedsFolding = index.FoldedTexts.Count > 0 || !index.FoldedPrefixes.IsEmpty || !index.FoldedSuffixes.IsEmpty,
        };
    }

    /// <summary>A guess at how many candidates an event gives if this test is the access; small is good.</summary>
    public long EstimateCandidates(FieldTest test)
    {
        long sum = 0;
        foreach (var entry in test.ValueEntries) sum += EstimateCandidates(entry);
        return sum;
    }

    private long EstimateCandidates(ValueTest entry) => entry switch
    {
        ValueTest.ExactText text => 1 + Known(Texts.Find(text.Text)),
        ValueTest.Number number => 1 + Known(Numbers.Find(KeyOf(number.Value))),
        ValueTest.Token token => 1 + Known(Tokens.Find(token.Text)),
        ValueTest.FoldedText text => 2 + Known(FoldedTexts.Find(text.Text)),
        ValueTest.Network network => 1 + network.Address.Width - network.Bits
            + Known(Networks.Find(network.Address.ToKey(network.Bits))),
        ValueTest.Affix { Text.Length: 0 } => 10_000,
        ValueTest.Affix affix => 2 + (128 >> Math.Min(affix.Text.Length, 7))
            + Known(TrieOf(affix).Find(affix.Text, affix.Side == AffixSide.Suffix)),
        ValueTest.NumericRange range => double.IsInfinity(range.Bounds.Low) || double.IsInfinity(range.Bounds.High) ? 1_000 : 300,
        ValueTest.Literal => 500,
        ValueTest.AnythingBut => 5_000,
        _ => 10_000,
    };

    private FieldIndex Changed(ValueTest entry, RegisteredAlternative alternative, bool add)
    {
        switch (entry)
        {
            case ValueTest.ExactText text:
                return this with { Texts = Changed(Texts, text.Text, alternative, add) };
            case ValueTest.FoldedText text:
                return this with { FoldedTexts = Changed(FoldedTexts, text.Text, alternative, add) };
            case ValueTest.Number number:
                return this with { Numbers = Changed(Numbers, KeyOf(number.Value), alternative, add) };
            case ValueTest.Token token:
                return this with { Tokens = Changed(Tokens, token.Text, alternative, add) };
            case ValueTest.Network network:
                return this with
                {
                    Networks = Changed(Networks, network.Address.ToKey(network.Bits), alternative, add),
                    NetworkWidths = NetworkWidths.Changed(network.Address.IsIpv6, network.Bits, add),
                };
            case ValueTest.Affix affix:
                var fromEnd = affix.Side == AffixSide.Suffix;
                var trie = TrieOf(affix);
                var hits = Hits.Changed(trie.Find(affix.Text, fromEnd), alternative, add);
                return WithTrie(affix, trie.With(affix.Text, fromEnd, hits));
            case ValueTest.NumericRange range:
                var postings = Postings.Changed(RangeTree.Find(Ranges, range.Bounds), alternative, add);
                return this with { Ranges = RangeTree.With(Ranges, range.Bounds, postings) };
            case ValueTest.Literal { Kind: LeafKind.True }:
                return this with { True = Postings.Changed(True, alternative, add) };
            case ValueTest.Literal { Kind: LeafKind.False }:
                return this with { False = Postings.Changed(False, alternative, add) };
            case ValueTest.Literal:
                return this with { Null = Postings.Changed(Null, alternative, add) };
            case ValueTest.Present:
                return this with { Present = Postings.Changed(Present, alternative, add) };
            default:
                throw new InvalidOperationException($"No place for {entry}.");
        }
    }

    private FieldIndex Changed(
        ValueTest.AnythingBut entry, RegisteredAlternative alternative, List<int> slots, int number, bool add)
    {
        FieldIndex index;
        int slot;
        if (add)
        {
            index = this with { Negatives = Negatives.With(alternative, out slot) };
            slots.Add(slot);
        }
        else
        {
            slot = slots[number];
            index = this with { Negatives = Negatives.Without(slot) };
        }
        foreach (var refused in entry.Refused) index = index.Refusing(refused, slot, add);
        return index;
    }

    private FieldIndex Refusing(ValueTest refused, int slot, bool add)
    {
        switch (refused)
        {
            case ValueTest.ExactText text:
                return this with { Texts = Changed(Texts, text.Text, slot, add) };
            case ValueTest.FoldedText text:
                return this with { FoldedTexts = Changed(FoldedTexts, text.Text, slot, add) };
            case ValueTest.Number number:
                return this with { Numbers = Changed(Numbers, KeyOf(number.Value), slot, add) };
            case ValueTest.Affix affix:
                var fromEnd = affix.Side == AffixSide.Suffix;
                var trie = TrieOf(affix);
                return WithTrie(affix, trie.With(affix.Text, fromEnd, Hits.Changed(trie.Find(affix.Text, fromEnd), slot, add)));
            default:
                throw new InvalidOperationException($"No place for {refused}.");
        }
    }

    private AffixTrie<Hits> TrieOf(ValueTest.Affix affix) => (affix.Side, affix.IgnoreCase) switch
    {
        (AffixSide.Prefix, false) => Prefixes,
        (AffixSide.Prefix, true) => FoldedPrefixes,
        (_, false) => Suffixes,
        _ => FoldedSuffixes,
    };

    private FieldIndex WithTrie(ValueTest.Affix affix, AffixTrie<Hits> trie) => (affix.Side, affix.IgnoreCase) switch
    {
        (AffixSide.Prefix, false) => this with { Prefixes = trie },
        (AffixSide.Prefix, true) => this with { FoldedPrefixes = trie },
        (_, false) => this with { Suffixes = trie },
        _ => this with { FoldedSuffixes = trie },
    };

    private static ByteMap<Hits> Changed(ByteMap<Hits> map, byte[] key, RegisteredAlternative alternative, bool add) =>
        map.With(key, Hits.Changed(map.Find(key), alternative, add));

    private static ByteMap<Hits> Changed(ByteMap<Hits> map, byte[] key, int slot, bool add) =>
        map.With(key, Hits.Changed(map.Find(key), slot, add));

    private static int Known(Hits? hits) => Postings.CountOf(hits?.Satisfied);

    private static byte[] KeyOf(double number)
    {
        var key = new byte[NumberKeyLength];
        WriteNumberKey(number, key);
        return key;
    }
}
