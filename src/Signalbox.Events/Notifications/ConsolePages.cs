namespace Signalbox.Events.Notifications;

/// <summary>Where the console, which is another room, shows what notices are about.</summary>
internal static class ConsolePages
{
    public static string OfRegistration(Uri server, string workspaceId, string registrationId) =>
        $"{Root(server)}/w/{workspaceId}/registrations/{registrationId}";

    public static string OfProject(Uri server, string projectId) => $"{Root(server)}/projects/{projectId}";

    private static string Root(Uri server) => $"{server.GetLeftPart(UriPartial.Authority)}/console";
}
