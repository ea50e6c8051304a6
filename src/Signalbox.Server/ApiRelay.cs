namespace Signalbox.Server;

/// <summary>
/// A second door for actions: one loopback port, the only one of this machine that actions with internet access can
/// reach. It leads to the APIs, where every caller has to prove who they are, and to nothing that trusts this machine.
/// </summary>
internal static class ApiRelay
{
    /// <summary>The last address that the server listens on; the port is the system's choice.</summary>
    public const string Url = "http://127.0.0.1:0";

    private static readonly PathString[] _inner = ["/metrics", "/health", "/test", "/console"];

    public static void UseApiRelay(this WebApplication app)
    {
        var address = app.Services.GetRequiredService<ServerAddress>();
        app.Use((context, next) =>
        {
            if (context.Connection.LocalPort != address.RelayPort || !Array.Exists(_inner, path => context.Request.Path.StartsWithSegments(path)))
            {
                return next(context);
            }

            context.Response.StatusCode = StatusCodes.Status404NotFound;
            return Task.CompletedTask;
        });
    }
}
