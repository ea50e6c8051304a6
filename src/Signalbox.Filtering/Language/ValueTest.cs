using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Language;

/// <summary>One entry of a field's list (events behaviour, section 13.4). Texts are WTF-8 bytes; folded ones are in one case.</summary>
internal abstract record ValueTest
{
    public abstract bool Accepts(ref LeafValue value);

    /// <summary>The same entries, with many plain texts put together so that a long list costs one lookup.</summary>
    public static IEnumerable<ValueTest> Grouped(ValueTest[] entries)
    {
        var texts = entries.OfType<ExactText>().Select(entry => entry.Text).ToArray();
        if (texts.Length < 4) return entries;
        return [new AnyText(ByteSet.Of(texts)), .. entries.Where(entry => entry is not ExactText)];
    }

    public sealed record ExactText(byte[] Text) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Text && value.Text.SequenceEqual(Text);
    }

    public sealed record AnyText(ByteSet Texts) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Text && Texts.Contains(value.Text);
    }

    public sealed record FoldedText(byte[] Text) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Text && value.Folded.SequenceEqual(Text);
    }

    /// <summary>A comparable number: equal by value.</summary>
    public sealed record Number(double Value) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Number && value.IsComparable && value.Number == Value;
    }

    /// <summary>A number that no double renders: equal only to its own token.</summary>
    public sealed record Token(byte[] Text) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Number && value.Text.SequenceEqual(Text);
    }

    public sealed record Literal(LeafKind Kind) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) => value.Kind == Kind;
    }

    public sealed record Affix(AffixSide Side, bool IgnoreCase, byte[] Text) : ValueTest
    {
        public override bool Accepts(ref LeafValue value)
        {
            if (value.Kind != LeafKind.Text) return false;
            var text = IgnoreCase ? value.Folded : value.Text;
            return Side == AffixSide.Prefix ? text.StartsWith(Text) : text.EndsWith(Text);
        }
    }

    public sealed record NumericRange(NumericBounds Bounds) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Number && value.IsComparable && Bounds.Contain(value.Number);
    }

    /// <summary>An address (all its bits) or a range of addresses.</summary>
    public sealed record Network(IpLiteral Address, int Bits) : ValueTest
    {
        public override bool Accepts(ref LeafValue value) =>
            value.Kind == LeafKind.Text
            && IpLiteral.TryParse(value.Text, out var address)
            && address.IsIpv6 == Address.IsIpv6
            && address.Network(Bits) == Address;
    }

    /// <summary>Accepts every present value, of whatever kind, that none of the refused tests accepts.</summary>
    public sealed record AnythingBut(ValueTest[] Refused) : ValueTest
    {
        private readonly ValueTest[] _refused = [.. Grouped(Refused)];

        public override bool Accepts(ref LeafValue value)
        {
            foreach (var test in _refused)
            {
                if (test.Accepts(ref value)) return false;
            }
            return true;
        }
    }

    public sealed record Present : ValueTest
    {
        public override bool Accepts(ref LeafValue value) => true;
    }

    /// <summary>Asks for no value at all; decided by the field, not by a value.</summary>
    public sealed record Absent : ValueTest
    {
        public override bool Accepts(ref LeafValue value) => false;
    }
}

internal enum AffixSide
{
    Prefix,
    Suffix,
}
