using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Events.Edge;

/// <summary>What a service answers: a value, or why the caller does not get one.</summary>
public readonly struct Outcome<T>
{
    private Outcome(T? value, ApiRefusal? refusal) => (Value, Refusal) = (value, refusal);

    public T? Value { get; }

    public ApiRefusal? Refusal { get; }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(ApiRefusal refusal) => new(default, refusal);

    public bool IsRefused([NotNullWhen(true)] out ApiRefusal? refusal, [NotNullWhen(false)] out T? value)
    {
        refusal = Refusal;
        value = Value;
        return refusal is not null;
    }
}
