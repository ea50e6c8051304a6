namespace Signalbox.Events.Edge;

/// <summary>What is wrong with one member of a request, and how to mend it.</summary>
/// <param name="Field">The member's name as sent, such as <c>events_of_interest[0].event_code</c>.</param>
/// <param name="Message">The wrong value and the remedy.</param>
internal sealed record FieldError(string Field, string Message);
