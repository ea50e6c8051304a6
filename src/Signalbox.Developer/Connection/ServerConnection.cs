namespace Signalbox.Developer.Connection;

/// <summary>A server and the key of a namespace, with the place that named them.</summary>
/// <param name="Url">Without a path.</param>
/// <param name="Auth"><c>uuid:key</c>.</param>
/// <param name="FoundIn">Such as "the environment", for errors.</param>
internal sealed record ServerConnection(Uri Url, string Auth, string FoundIn);
