using Signalbox.Sandbox;
using Signalbox.Server.ConsoleAccess;
using Signalbox.Storage;

namespace Signalbox.Server;

/// <summary>What the server says when it is ready: where it is, and the next command to type.</summary>
internal static partial class Banner
{
    /// <summary>To a person on the terminal; where the log is JSON, in the log: standard output is then for its reader alone.</summary>
    public static void Tell(WebApplication app, ServerSettings settings, DataDirectory data)
    {
        if (settings.LogFormat == "json")
        {
            LogReady(app, settings, data);
        }
        else
        {
            Print(app, settings, data);
        }
    }

    private static void LogReady(WebApplication app, ServerSettings settings, DataDirectory data)
    {
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger(typeof(Banner).FullName!);
        var database = app.Services.GetRequiredService<Database>();
        Log.Ready(logger, ServerVersion.Text, UrlOf(app), settings.Urls, data.FullPath, database.EngineName, database.Place);
        if (app.Services.GetRequiredService<ConsoleLink>().Current is not null)
        {
            // Logs are kept and passed on; the link is as good as the administrator's password.
            Log.NoPassword(logger, Path.Combine(data.FullPath, ConsoleLink.LinkFile));
        }

        if (settings.TestClock)
        {
            Log.TestClock(logger);
        }
    }

    private static string UrlOf(WebApplication app) => app.Services.GetRequiredService<ServerAddress>().Public.GetLeftPart(UriPartial.Authority);

    private static void Print(WebApplication app, ServerSettings settings, DataDirectory data)
    {
        var kinds = app.Services.GetRequiredService<SandboxPool>().Kinds.Where(kind => kind.IsSupported).ToList();
        var database = app.Services.GetRequiredService<Database>();
        var url = UrlOf(app);
        Console.WriteLine($"""
            Signalbox {ServerVersion.Text} is ready.

              Runtime API    {url}/api/v1
              Events API     {url}/events
              Publish to     {url}/ingress
              Console        {url}/console
              Health         {url}/health/ready   Metrics {url}/metrics
              Data           {data.FullPath}
              Database       {database.EngineName}, {database.Place}
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

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Information, "Signalbox {Version} is ready at {Url}, listens on {Urls}, and keeps its data in {Data} and in {Engine}, {Place}")]
        public static partial void Ready(ILogger logger, string version, string url, string urls, string data, string engine, string place);

        [LoggerMessage(2, LogLevel.Information, "The console's administrator has no password yet; the one-time link that sets it is in {File}")]
        public static partial void NoPassword(ILogger logger, string file);

        [LoggerMessage(3, LogLevel.Warning, "TEST CLOCK: anyone on this machine can move this server's time (POST /test/clock/advance). Never use it for real events")]
        public static partial void TestClock(ILogger logger);
    }
}
