using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Identity.Projects;

/// <summary>What the services of projects, workspaces and credentials answer: a value, or why not.</summary>
public readonly struct ProjectOutcome<T>
{
    private ProjectOutcome(T? value, ProjectRefusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public ProjectRefusal? Refusal { get; }

    public static implicit operator ProjectOutcome<T>(T value) => new(value, null);

    public static implicit operator ProjectOutcome<T>(ProjectRefusal refusal) => new(default, refusal);

    public bool IsRefused([NotNullWhen(true)] out ProjectRefusal? refusal, [NotNullWhen(false)] out T? value)
    {
        (refusal, value) = (Refusal, Value);
        return refusal is not null;
    }
}
