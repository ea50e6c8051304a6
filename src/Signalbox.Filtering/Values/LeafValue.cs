namespace Signalbox.Filtering.Values;

internal enum LeafKind : byte
{
    Text,
    Number,
    True,
    False,
    Null,
}

/// <summary>One value of an event: where tests look at it. Texts are unescaped; numbers keep their token.</summary>
internal ref struct LeafValue
{
    private readonly FoldBuffer _folding;
    private ReadOnlySpan<byte> _folded;
    private bool _isFolded;

    public LeafValue(LeafKind kind, ReadOnlySpan<byte> text, FoldBuffer folding)
    {
        Kind = kind;
        Text = text;
        _folding = folding;
        if (kind == LeafKind.Number) IsComparable = NumberToken.TryCompare(text, out Number);
    }

    public LeafValue(LeafKind kind, ReadOnlySpan<byte> text, bool isComparable, double number, FoldBuffer folding)
    {
        Kind = kind;
        Text = text;
        IsComparable = isComparable;
        Number = number;
        _folding = folding;
    }

    public readonly LeafKind Kind;
    public readonly ReadOnlySpan<byte> Text;
    public readonly double Number;
    public readonly bool IsComparable;

    /// <summary>The text without regard to letter case; stays valid until the next value is folded.</summary>
    public ReadOnlySpan<byte> Folded
    {
        get
        {
            if (!_isFolded)
            {
                _folded = _folding.Fold(Text);
                _isFolded = true;
            }
            return _folded;
        }
    }
}

/// <summary>A buffer that grows to the longest text folded so far.</summary>
internal sealed class FoldBuffer
{
    private byte[] _bytes = new byte[256];

    public int Capacity => _bytes.Length;

    public ReadOnlySpan<byte> Fold(ReadOnlySpan<byte> text)
    {
        var room = CaseFolding.MaxFoldedLength(text.Length);
        if (_bytes.Length < room) _bytes = new byte[room];
        return _bytes.AsSpan(0, CaseFolding.Fold(text, _bytes));
    }
}
