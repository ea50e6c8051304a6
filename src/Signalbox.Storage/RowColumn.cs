namespace Signalbox.Storage;

/// <summary>The type of a column that a <see cref="RowStatement"/> gives values for.</summary>
public enum RowColumn
{
    /// <summary><see cref="long"/> or <see cref="int"/>.</summary>
    BigInt,

    /// <summary><see cref="int"/>.</summary>
    Integer,

    /// <summary><see cref="string"/>.</summary>
    Text,

    /// <summary><see cref="byte"/> array or <see cref="ReadOnlyMemory{T}"/> of bytes.</summary>
    Bytes,

    /// <summary><see cref="bool"/>.</summary>
    Boolean,
}
