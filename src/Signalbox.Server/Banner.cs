using Signalbox.Sandbox;
using Signalbox.Server.ConsoleAccess;

namespace Signalbox.Server;

/// <summary>What the server says when it is ready: where it is, and the next command to type.</summary>
internal static class Banner
{
    public static void Print(WebApplication app, ServerSettings settings, DataDirectory data)
    {
        var address = app.Services.GetRequiredService<ServerAddress>();
        var kinds = app.Services.GetRequiredService<SandboxPool>().Kinds.Where(kind => kind.IsSupported).ToList();
        var url = address.Public.GetLeftPart(UriPartial.Authority);
        Console.WriteLine($"""
            Signalbox {ServerVersion.Text} is ready.

              Runtime API    {url}/api/v1
              Events API     {url}/events
              Publish to     {url}/ingress
              Console        {url}/console
              Health         {url}/health/ready   Metrics {url}/metrics
              Data           {data.FullPath}
              Kinds          {(kinds.Count == 0 ? "none: actions cannot run on this host" : string.Join(", ", kinds.Select(k => k.Name)))}

            Next, in another terminal:

              eval "$(./signalbox env --data {data.FullPath})"   # then: aio rt list, openwhisk, curl
            """);
        if (app.Services.GetRequiredService<ConsoleLink>().Current is { } link)
        {
            Console.WriteLine($"\nSet the console's administrator password, once, at (also in {Path.Combine(data.FullPath, ConsoleLink.LinkFile)}):\n\n  {link}");
        }

        if (settings.TestClock)
        {
            Console.WriteLine("\nTEST CLOCK: anyone on this machine can move this server's time (POST /test/clock/advance). Never use it for real events.");
        }

        Console.WriteLine("\nStop with Ctrl+C.");
    }
}
