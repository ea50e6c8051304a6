namespace Signalbox.WebConsole.Components;

/// <summary>What a signal shows; each has a shape of its own beside its colour.</summary>
public enum Lamp
{
    /// <summary>Works.</summary>
    Green,

    /// <summary>Works, but look at it.</summary>
    Amber,

    /// <summary>Does not work.</summary>
    Red,

    /// <summary>Waits for something.</summary>
    Blue,

    /// <summary>Says nothing.</summary>
    Grey,
}
