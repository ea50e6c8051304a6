using System.Buffers.Binary;
using Signalbox.Runtime.Edge;

namespace Signalbox.Runtime.Activations;

/// <summary>How an activation ended; the number is the record's <c>statusCode</c>.</summary>
internal enum ActivationStatus
{
    Success = 0,
    ApplicationError = 1,
    DeveloperError = 2,
    WhiskError = 3,
}

/// <summary>The record of one run (OpenWhisk behaviour, section 1.7).</summary>
internal sealed record Activation
{
    /// <summary>32 lower-case hex digits.</summary>
    public required string Id { get; init; }

    /// <summary>The invoker's namespace, whoever owns the action.</summary>
    public required string Namespace { get; init; }

    public required string Subject { get; init; }

    /// <summary>The action that ran.</summary>
    public required string Name { get; init; }

    /// <summary>The package that it stands in, or null.</summary>
    public string? Package { get; init; }

    public required string Version { get; init; }

    /// <summary>The activation id of the enclosing sequence.</summary>
    public string? Cause { get; init; }

    public required long StartMs { get; init; }

    public required long EndMs { get; init; }

    public required long DurationMs { get; init; }

    public required ActivationStatus Status { get; init; }

    /// <summary>JSON in UTF-8.</summary>
    public required ReadOnlyMemory<byte> Result { get; init; }

    public required int ResultSize { get; init; }

    /// <summary>A JSON array of texts: log lines, or the component ids of a sequence.</summary>
    public required ReadOnlyMemory<byte> Logs { get; init; }

    /// <summary>A JSON array of keys and values.</summary>
    public required ReadOnlyMemory<byte> Annotations { get; init; }

    /// <summary>True for sequences: their blocking answers carry <see cref="Logs"/> too.</summary>
    public bool IsSequence { get; init; }

    /// <summary>The component in which a failure happened, down to the action itself. Not stored.</summary>
    public string? FailedId { get; init; }

    /// <summary>The action did not run because all sandboxes are taken: who waits for it may try again. Not stored.</summary>
    public bool IsOverload { get; init; }

    public bool IsSuccess => Status == ActivationStatus.Success;

    /// <summary>
    /// 32 lower-case hex digits of a UUID of version 7, 74 bits of them random. Ids of one moment begin alike, so that the index of ids
    /// grows at its end instead of all over.
    /// </summary>
    public static string NewId()
    {
        Span<byte> id = stackalloc byte[16];
        RandomBytes.Fill(id[6..]);
        var milliseconds = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt16BigEndian(id, (short)(milliseconds >> 32));
        BinaryPrimitives.WriteInt32BigEndian(id[2..], (int)milliseconds);
        id[6] = (byte)((id[6] & 0x0F) | 0x70);
        id[8] = (byte)((id[8] & 0x3F) | 0x80);
        return Convert.ToHexStringLower(id);
    }
}
