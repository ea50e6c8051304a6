using System.Diagnostics.CodeAnalysis;
using Signalbox.Runtime.Entities;

namespace Signalbox.Runtime.Actions;

/// <summary>An action with everything that its owner may see.</summary>
public sealed record ActionDetails : ActionSummary
{
    /// <summary>Begins with what its summary says.</summary>
    [SetsRequiredMembers]
    internal ActionDetails(ActionSummary summary)
        : base(summary) => (Code, Components, Parameters, Annotations) = ("", [], [], []);

    /// <summary>Names this state of the action, for <see cref="IActions.SaveAsync"/>.</summary>
    public required long Revision { get; init; }

    /// <summary>Source text, or base64 of an archive; empty for a sequence.</summary>
    public required string Code { get; init; }

    /// <summary><see cref="Code"/> is base64.</summary>
    public required bool IsBinary { get; init; }

    public required string? Main { get; init; }

    /// <summary>The components of a sequence, in order.</summary>
    public required IReadOnlyList<EntityName> Components { get; init; }

    /// <summary>The action's own default parameters.</summary>
    public required IReadOnlyList<ActionParameter> Parameters { get; init; }

    public required IReadOnlyList<ActionParameter> Annotations { get; init; }
}
