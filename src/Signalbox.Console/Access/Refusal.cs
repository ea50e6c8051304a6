using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;
using Signalbox.Identity.Projects;
using Signalbox.Identity.Users;

namespace Signalbox.WebConsole.Access;

/// <summary>Why something was not done: what was wrong and how to mend it. Shown by <c>RefusalNote</c>.</summary>
/// <param name="Message">A sentence for the user.</param>
public sealed record Refusal(string Message)
{
    /// <summary>What is wrong with single fields: the field's name in the API, and a sentence.</summary>
    public IReadOnlyDictionary<string, string> Fields { get; init; } = new Dictionary<string, string>();

    private const string Overtaken = "Somebody else changed it since this page was loaded. Reload the page and make your change again; nothing was saved.";

    public static implicit operator Refusal(ApiRefusal refusal) => new(refusal.Status == StatusCodes.Status412PreconditionFailed ? Overtaken : refusal.Message)
    {
        Fields = refusal.Errors.GroupBy(e => e.Field).ToDictionary(g => g.Key, g => string.Join(" ", g.Select(e => e.Message)), StringComparer.Ordinal),
    };

    public static implicit operator Refusal(Signalbox.Runtime.Edge.Refusal refusal) => new(refusal.Status switch
    {
        409 when refusal == Signalbox.Runtime.Edge.Refusal.ConcurrentModification => Overtaken,
        409 when refusal == Signalbox.Runtime.Edge.Refusal.AlreadyExists => "There is one of this name already. Choose another name.",
        _ => refusal.Error,
    });

    public static implicit operator Refusal(UserRefusal refusal) => new(refusal.Message);

    public static implicit operator Refusal(ProjectRefusal refusal) => new(refusal.Message)
    {
        Fields = refusal.Field is { } field ? new Dictionary<string, string> { [field] = refusal.Message } : new Dictionary<string, string>(),
    };
}
