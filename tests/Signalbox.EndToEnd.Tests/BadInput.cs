namespace Signalbox.EndToEnd.Tests;

/// <summary>How a request of the bad-input tables proves who it is.</summary>
public enum Credentials
{
    None,
    Bearer,
    Basic,
}

/// <summary>One request that no program should send, and how it has to be answered.</summary>
/// <param name="Path"><c>{workspace}</c>, <c>{provider}</c>, <c>{registration}</c>, <c>{journal}</c>, <c>{org}</c> and <c>{ns}</c> stand for what exists.</param>
/// <param name="Expected">The statuses that are right.</param>
public sealed record BadInput(string Method, string Path, Credentials As, string? Body, string? ContentType, params int[] Expected)
{
    public override string ToString()
    {
        var body = Body is null ? "no body" : Body.Length > 60 ? $"{Body[..40]}… ({Body.Length})" : Body;
        return $"{Method} {Path} as {As}, {ContentType ?? "no type"}: {body}";
    }
}
