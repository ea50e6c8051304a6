using System.Diagnostics.CodeAnalysis;

namespace Signalbox.Runtime.Edge;

/// <summary>A value, or the reason why the caller does not get it.</summary>
public readonly struct Outcome<T>
{
    private readonly T? _value;
    private readonly Refusal? _refusal;

    private Outcome(T? value, Refusal? refusal)
    {
        _value = value;
        _refusal = refusal;
    }

    public static implicit operator Outcome<T>(T value) => new(value, null);

    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);

    /// <summary>True with the refusal, or false with the value.</summary>
    public bool IsRefused([NotNullWhen(true)] out Refusal? refusal, [MaybeNullWhen(true)] out T value)
    {
        refusal = _refusal;
        value = _value;
        return refusal is not null;
    }
}
