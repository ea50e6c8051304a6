namespace Signalbox.EndToEnd.Tests;

/// <summary>One server for all tests that neither stop it nor move its clock.</summary>
public sealed class RunningServer : IAsyncLifetime
{
    public SignalboxServer Server { get; private set; } = null!;

    public ServerClient Client { get; private set; } = null!;

    public async ValueTask InitializeAsync()
    {
        Server = await SignalboxServer.StartAsync();
        Client = await ServerClient.SignInAsync(Server);
    }

    public async ValueTask DisposeAsync()
    {
        Client?.Dispose();
        if (Server is not null)
        {
            await Server.DisposeAsync();
        }
    }
}
