using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>What an action runs.</summary>
internal sealed record ActionExec
{
    public const string SequenceKind = "sequence";
    public const string SystemKind = "system";

    /// <summary>Such as <c>nodejs:20</c>, <see cref="SequenceKind"/> or <see cref="SystemKind"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>Source text, or base64 of an archive; empty for other kinds.</summary>
    public string Code { get; init; } = "";

    public bool IsBinary { get; init; }

    public string? Main { get; init; }

    /// <summary>The components of a sequence, in order.</summary>
    public IReadOnlyList<EntityName> Components { get; init; } = [];

    public bool IsSequence => Kind == SequenceKind;

    public bool IsSystem => Kind == SystemKind;
}
