using System.Text.Json;
using Signalbox.Events.Ingress;
using Signalbox.Events.Providers;
using Signalbox.Events.Registrations;
using Signalbox.Events.Stories;
using Signalbox.Identity;
using Signalbox.Identity.Credentials;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Entities;
using Signalbox.WebConsole.Access;

namespace Signalbox.WebConsole.Home;

/// <summary>
/// The whole way once, with things of its own: a provider, an event type, an action, a registration that leads the
/// one to the other, an event, and what became of it.
/// </summary>
internal sealed class QuickStart(
    IProviders providers,
    IActions actions,
    IRegistrations registrations,
    IEventPublisher publisher,
    IEventStories stories,
    CredentialService credentials,
    IdentityDirectory identity,
    Changes changes,
    TimeProvider clock)
{
    public const string ActionName = "quick-start";

    public const string Code = """
        // Runs for each event. What it returns is kept with its logs as an activation.
        function main ({ event }) {
          console.log(`hello, ${event.data.name}`)
          return { statusCode: 200, body: { greeted: event.data.name } }
        }
        """;

    private const string EventCode = "com.example.quickstart.hello";
    private const string SuffixAlphabet = "abcdefghijkmnpqrstuvwxyz23456789";

    private static readonly TimeSpan _patience = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan _lookEvery = TimeSpan.FromMilliseconds(250);

    /// <summary>Makes everything and publishes. Tells each step as it is done.</summary>
    public Task<Answer<QuickStartResult>> RunAsync(Workspace workspace, Action<QuickStartStep> done, CancellationToken cancellationToken)
    {
        var name = "Quick start " + System.Security.Cryptography.RandomNumberGenerator.GetString(SuffixAlphabet, 5);
        return changes.MakeAsync(
            new Change("quick_start.run", name) { Workspace = workspace, Detail = $"Made a provider, an event type, a registration and the action '{ActionName}'." },
            token => MakeAsync(workspace, name, done, token),
            cancellationToken);
    }

    /// <summary>What became of the event: looks until its delivery was attempted. Null when that took too long.</summary>
    public async Task<DeliveryStory?> WaitAsync(Workspace workspace, QuickStartResult result, CancellationToken cancellationToken)
    {
        var end = clock.GetUtcNow() + _patience;
        while (clock.GetUtcNow() < end)
        {
            var story = await stories.FindAsync(result.EventId, workspace.OrganizationId, cancellationToken);
            // An activation's record is written shortly after the answer.
            if (story?.Deliveries is [{ Attempts: [.., { Activations.Count: > 0 }] } delivery, ..])
            {
                return delivery;
            }

            await Task.Delay(_lookEvery, clock, cancellationToken);
        }

        return null;
    }

    private async Task<Answer<QuickStartResult>> MakeAsync(Workspace workspace, string name, Action<QuickStartStep> done, CancellationToken cancellationToken)
    {
        if (await identity.FindNamespaceAsync(workspace.WorkspaceId, cancellationToken) is not { } @namespace)
        {
            return new Refusal("This workspace has no Runtime, which runs actions. Add it on the workspace's overview.");
        }

        if (await credentials.ListAsync(workspace.WorkspaceId, cancellationToken) is not [var credential, ..])
        {
            return new Refusal("This workspace has no credential, which a registration belongs to. Add one on the page Credentials.");
        }

        var made = await providers.CreateAsync(workspace, new CreateProviderBody { Label = name, Description = "Made by the quick start." }, cancellationToken);
        if (made.IsRefused(out var refusal, out var provider))
        {
            return (Refusal)refusal;
        }

        done(QuickStartStep.Provider);
        var metadata = await providers.CreateEventAsync(
            workspace, provider.Id, new EventMetadataBody { EventCode = EventCode, Label = "Hello", Description = "Somebody says hello." }, cancellationToken);
        if (metadata.IsRefused(out refusal, out _))
        {
            return (Refusal)refusal;
        }

        done(QuickStartStep.EventType);
        var body = JsonSerializer.SerializeToElement(new Dictionary<string, object>
        {
            ["exec"] = new Dictionary<string, object> { ["kind"] = "nodejs:default", ["code"] = Code },
        });
        var action = await actions.SaveAsync(@namespace, new EntityName(@namespace.Name, null, ActionName), body, revision: null, cancellationToken);
        // The one that an earlier run made will do.
        if (action.IsRefused(out var actionRefusal, out _) && actionRefusal.Status != 409)
        {
            return new Refusal(actionRefusal.Error);
        }

        done(QuickStartStep.Action);
        var registered = await registrations.CreateAsync(
            workspace,
            new RegistrationBody
            {
                ClientId = credential.Credential.ClientId.Value,
                Name = name,
                Description = "Made by the quick start.",
                DeliveryType = "webhook",
                RuntimeAction = ActionName,
                EventsOfInterest = [new InterestBody { ProviderId = provider.Id, EventCode = EventCode }],
            },
            cancellationToken);
        if (registered.IsRefused(out refusal, out var registration))
        {
            return (Refusal)refusal;
        }

        done(QuickStartStep.Registration);
        var cloudEvent = JsonSerializer.Serialize(new Dictionary<string, object>
        {
            ["specversion"] = "1.0",
            ["id"] = Guid.NewGuid().ToString("D"),
            ["source"] = $"urn:uuid:{provider.Id}",
            ["type"] = EventCode,
            ["datacontenttype"] = "application/json",
            ["data"] = new Dictionary<string, object> { ["name"] = "signalbox" },
        });
        var published = await publisher.PublishAsync(workspace, cloudEvent, cancellationToken);
        if (published.IsRefused(out refusal, out var receipt))
        {
            return (Refusal)refusal;
        }

        done(QuickStartStep.Event);
        return receipt.EventId is { } eventId
            ? new QuickStartResult(name, registration.Id.ToString(), provider.Id, eventId)
            : new Refusal("The event was accepted, but no registration got it. See whether the registration is active.");
    }
}
