using System.Diagnostics.CodeAnalysis;
using Signalbox.Events.Edge;
using Signalbox.Identity.Projects;

namespace Signalbox.WebConsole.Access;

/// <summary>What a page gets from <see cref="Changes"/>: a value, or why not.</summary>
public readonly struct Answer<T>
{
    private Answer(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public Refusal? Refusal { get; }

    public static implicit operator Answer<T>(T value) => new(value, null);

    public static implicit operator Answer<T>(Refusal refusal) => new(default, refusal);

    public static implicit operator Answer<T>(Outcome<T> outcome) => outcome.IsRefused(out var refusal, out var value) ? (Refusal)refusal : value;

    public static implicit operator Answer<T>(Signalbox.Runtime.Edge.Outcome<T> outcome) =>
        outcome.IsRefused(out var refusal, out var value) ? (Refusal)refusal : value!;

    public static implicit operator Answer<T>(ProjectOutcome<T> outcome) => outcome.IsRefused(out var refusal, out var value) ? (Refusal)refusal : value;

    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [NotNullWhen(false)] out T? value)
    {
        (refusal, value) = (Refusal, Value);
        return refusal is not null;
    }
}
