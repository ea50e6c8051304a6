namespace Signalbox.Filtering.Language;

/// <summary>Field tests that must all pass, consistently with the event's arrays; in ordinal order of their paths.</summary>
internal sealed record FilterAlternative(FieldTest[] Tests);
