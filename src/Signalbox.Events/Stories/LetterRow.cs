using Signalbox.Events.DeadLetters;

namespace Signalbox.Events.Stories;

/// <summary>A row of <c>dead_letters</c> or <c>dead_letter_ends</c>, as a story needs it.</summary>
internal sealed class LetterRow
{
    public long RegistrationKey { get; init; }

    public long Key { get; init; }

    public string Reason { get; init; } = "";

    public int? LastCode { get; init; }

    public int Attempts { get; init; }

    public long DeadAt { get; init; }

    /// <summary>One of <see cref="DeadLetterEnds"/>' words; null while it is kept.</summary>
    public string? Ending { get; init; }

    public long? EndedAt { get; init; }

    public string? EndedBy { get; init; }

    public DateTimeOffset Dead => DateTimeOffset.FromUnixTimeMilliseconds(DeadAt);

    public DateTimeOffset? Ended => EndedAt is { } at ? DateTimeOffset.FromUnixTimeMilliseconds(at) : null;

    public DeadLetterReason ReasonValue => DeadLetterWords.ToReason(Reason) ?? DeadLetterReason.Internal;
}
