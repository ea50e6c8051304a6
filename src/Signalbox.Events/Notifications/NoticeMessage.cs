using System.Text;

namespace Signalbox.Events.Notifications;

/// <summary>What one organization's administrators are told at once.</summary>
internal sealed record NoticeMessage
{
    public required string OrganizationId { get; init; }

    /// <summary>Oldest first; empty for a test.</summary>
    public required IReadOnlyList<StatusChange> Changes { get; init; }

    /// <summary>Changes that wait for the next message.</summary>
    public int MoreCount { get; init; }

    public string Subject => Changes switch
    {
        [] => "Signalbox: this is a test",
        [var one] => OneLine($"Signalbox: registration '{one.Name}' is {one.Status.ToUpperInvariant()}"),
        _ => $"Signalbox: {Changes.Count} registrations changed their status",
    };

    /// <summary>The mail's text (events behaviour, section 10).</summary>
    public string Text(Uri server, Uri documentation)
    {
        if (Changes.Count == 0)
        {
            return $"This message was asked for with 'signalbox notify --test' at {server}. Notices of unstable and disabled registrations will arrive the same way.\n";
        }

        var text = new StringBuilder($"You are an administrator of organization {OrganizationId} at {server}.\n");
        foreach (var change in Changes)
        {
            text.Append($"""

                Event registration '{OneLine(change.Name)}' was marked {change.Status.ToUpperInvariant()} from previous {change.PreviousStatus.ToUpperInvariant()} status
                  in      project '{ProjectOf(change)}', workspace '{OneLine(change.WorkspaceName ?? change.WorkspaceId)}'
                  at      {change.ChangedAt:yyyy-MM-dd HH:mm:ss} UTC
                  reason  {OneLine(change.Reason)}
                  see     {change.RegistrationUrl}

                """);
        }

        if (MoreCount > 0)
        {
            text.Append($"\n{MoreCount} more registrations changed their status; the next message tells which.\n");
        }

        text.Append("""

            What to do:
              1. Make sure that the endpoint can be reached from this server.
              2. Make sure that it answers deliveries with 2XX in time; the registration's debug tracing shows what it answered.
              3. Update the registration, which sends a new challenge and resets its status.

            While a registration is disabled its events are kept in its journal, from which they can be read and replayed.

            """);
        text.Append($"""

            Documentation: {documentation}
            To get no more mails about a project's registrations, press 'Pause email alerts' on its page:

            """);
        foreach (var change in Changes.DistinctBy(change => change.ProjectId))
        {
            text.Append($"  {ProjectOf(change)}: {ConsolePages.OfProject(server, change.ProjectId)}\n");
        }

        return text.ToString();
    }

    private static string ProjectOf(StatusChange change) => OneLine(change.ProjectTitle ?? change.ProjectId);

    /// <summary>A name must not begin a line or a header of its own.</summary>
    private static string OneLine(string text) => WholeText.OneLine(text, text.Length);
}
