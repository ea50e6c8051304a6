using Signalbox.Filtering.Language;

namespace Signalbox.Filtering.Indexing;

/// <summary>A filter in an index. The number tells registrations apart in the buffers of a match.</summary>
internal abstract class Registration(int id)
{
    public int Id { get; } = id;

    public RegisteredAlternative[] Alternatives { get; set; } = [];
}

internal sealed class Registration<TKey>(int id, TKey key) : Registration(id)
{
    public TKey Key { get; } = key;
}

/// <summary>One alternative of a filter in an index: found through one of its tests, verified through the others.</summary>
internal sealed class RegisteredAlternative
{
    public required Registration Owner { get; init; }

    public required int Id { get; init; }

    public required FilterAlternative Alternative { get; init; }

    /// <summary>Which test the alternative is found through.</summary>
    public required int AccessTest { get; init; }

    /// <summary>Where a match keeps the values of each test's path. Empty for a single test, which needs no verifying.</summary>
    public int[] PathIds { get; set; } = [];

    /// <summary>The places of the access test's <c>anything-but</c> entries in the field's <see cref="Negatives"/>.</summary>
    public int[] NegativeSlots { get; set; } = [];

    public bool IsSingle => Alternative.Tests.Length == 1;

    public FieldTest Access => Alternative.Tests[AccessTest];
}
