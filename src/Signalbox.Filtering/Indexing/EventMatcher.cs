using System.Text.Json;
using System.Text.Unicode;
using Signalbox.Filtering.Values;

namespace Signalbox.Filtering.Indexing;

/// <summary>Takes one event through a snapshot of the index; the steps are drawn at <see cref="FilterIndex{TKey}"/>.</summary>
internal ref struct EventMatcher
{
    private readonly IndexSnapshot _snapshot;
    private readonly MatchBuffers _buffers;
    private readonly ReadOnlySpan<byte> _event;
    private readonly bool _keepsLeaves;
    private Utf8JsonReader _json;

    public EventMatcher(IndexSnapshot snapshot, MatchBuffers buffers, ReadOnlySpan<byte> utf8Event)
    {
        _snapshot = snapshot;
        _buffers = buffers;
        _event = utf8Event;
        _keepsLeaves = snapshot.Verified > 0;
        _json = new Utf8JsonReader(utf8Event, new JsonReaderOptions { MaxDepth = FilterLimits.MaxEventDepth });
    }

    /// <summary>Fills the buffers' matches. False when the event is not one JSON object.</summary>
    public bool TryMatch()
    {
        try
        {
            if (!Utf8.IsValid(_event) || !TryReadEvent()) return false;
        }
        catch (JsonException)
        {
            return false;
        }
        FindAbsent();
        VerifyCandidates();
        return true;
    }

    private bool TryReadEvent()
    {
        if (!_json.Read() || _json.TokenType != JsonTokenType.StartObject) return false;
        _buffers.Frames.Add(new Frame { Node = _snapshot.Root, Array = -1, Place = -1 });
        var named = _snapshot.Root;
        while (_json.Read())
        {
            switch (_json.TokenType)
            {
                case JsonTokenType.PropertyName:
                    var child = FindMember(_buffers.Frames.Top.Node);
                    if (child is null) _json.Skip();
                    else named = child;
                    break;
                case JsonTokenType.StartObject:
                case JsonTokenType.StartArray:
                    Enter(named);
                    break;
                case JsonTokenType.EndObject:
                case JsonTokenType.EndArray:
                    _buffers.Frames.Pop();
                    break;
                default:
                    ReadLeaf(named);
                    break;
            }
        }
        return true;
    }

    private readonly PathNode? FindMember(PathNode node)
    {
        if (!_json.ValueIsEscaped) return node.Child(_json.ValueSpan);
        var room = _buffers.TextRoom(_json.ValueSpan.Length);
        return node.Child(room[..Wtf8.Unescape(_json.ValueSpan, room)]);
    }

    private void Enter(PathNode named)
    {
        ref var outer = ref _buffers.Frames.Top;
        var isArray = _json.TokenType == JsonTokenType.StartArray;
        var node = outer.Array < 0 ? named : outer.Node;
        var index = outer.Index++;
        if (!isArray && node.Children.Count == 0)
        {
            _json.Skip();
            return;
        }
        var place = outer.Place;
        if (_keepsLeaves && outer.Array >= 0)
        {
            var depth = place < 0 ? 0 : _buffers.Places[place].Depth + 1;
            _buffers.Places.Add(new ArrayPlace(place, outer.Array, index, depth));
            place = _buffers.Places.Count - 1;
        }
        _buffers.Frames.Add(new Frame { Node = node, Array = isArray ? _buffers.ArrayCount++ : -1, Place = place });
    }

    private void ReadLeaf(PathNode named)
    {
        ref readonly var frame = ref _buffers.Frames.Top;
        var node = frame.Array < 0 ? named : frame.Node;
        if (node.Access.Count == 0 && node.Verifications == 0) return;
        _buffers.MarkPathPresent(node.Id);

        var leaf = new Leaf { Kind = KindOf(_json.TokenType), Place = frame.Place, Next = -1 };
        var text = _json.ValueSpan;
        leaf.Start = (int)_json.TokenStartIndex + (leaf.Kind == LeafKind.Text ? 1 : 0);
        if (_json.ValueIsEscaped)
        {
            var room = _buffers.TextRoom(text.Length);
            text = room[..Wtf8.Unescape(text, room)];
            leaf.IsUnescaped = true;
            leaf.Start = _buffers.TextLength;
        }
        leaf.Length = text.Length;

        var value = new LeafValue(leaf.Kind, text, _buffers.Folding);
        if (node.Verifications > 0)
        {
            leaf.IsComparable = value.IsComparable;
            leaf.Number = value.Number;
            if (leaf.IsUnescaped) _buffers.TextLength += leaf.Length;
            _buffers.KeepLeaf(node.Id, leaf);
        }
        if (node.Access.Count > 0) new FieldLookup(_buffers, node.Access).Find(ref value);
    }

    private readonly void FindAbsent()
    {
        foreach (var path in _snapshot.AbsentPaths)
        {
            if (!_buffers.IsPathPresent(path.PathId)) FieldLookup.Take(_buffers, path.Alternatives);
        }
    }

    private readonly void VerifyCandidates()
    {
        if (_buffers.Candidates.Count == 0) return;
        var verifier = new AlternativeVerifier(_buffers, _event);
        foreach (var candidate in _buffers.Candidates.Items)
        {
            if (_buffers.IsRegistrationMarked(candidate.Owner.Id)) continue;
            if (!verifier.Accepts(candidate)) continue;
            _buffers.MarkRegistration(candidate.Owner.Id);
            _buffers.Matches.Add(candidate.Owner);
        }
    }

    private static LeafKind KindOf(JsonTokenType token) => token switch
    {
        JsonTokenType.String => LeafKind.Text,
        JsonTokenType.Number => LeafKind.Number,
        JsonTokenType.True => LeafKind.True,
        JsonTokenType.False => LeafKind.False,
        _ => LeafKind.Null,
    };
}
