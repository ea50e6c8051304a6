namespace Signalbox.Filtering.Indexing;

/// <summary>What a found text, number or address means: who is satisfied, and which <c>anything-but</c> is not.</summary>
internal sealed class Hits(Postings? satisfied, SlotSet? refused)
{
    public readonly Postings? Satisfied = satisfied;
    public readonly SlotSet? Refused = refused;

    public static Hits? Changed(Hits? hits, RegisteredAlternative alternative, bool add) =>
        Of(Postings.Changed(hits?.Satisfied, alternative, add), hits?.Refused);

    public static Hits? Changed(Hits? hits, int slot, bool add) =>
        Of(hits?.Satisfied, add ? SlotSet.With(hits?.Refused, slot) : SlotSet.Without(hits?.Refused, slot));

    private static Hits? Of(Postings? satisfied, SlotSet? refused) =>
        satisfied is null && refused is null ? null : new Hits(satisfied, refused);
}
