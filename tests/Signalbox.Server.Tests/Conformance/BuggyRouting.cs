using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Matching;

namespace Signalbox.Server.Tests.Conformance;

/// <summary>A bug of the server, met by requests that carry <see cref="Header"/>: an exception that nobody expects.</summary>
internal sealed class BuggyRouting : MatcherPolicy, IEndpointSelectorPolicy
{
    public const string Header = "x-meets-a-bug";

    public override int Order => int.MaxValue;

    public bool AppliesToEndpoints(IReadOnlyList<Endpoint> endpoints) => true;

    public Task ApplyAsync(HttpContext httpContext, CandidateSet candidates) => httpContext.Request.Headers.ContainsKey(Header)
        ? throw new InvalidOperationException("A secret detail of the inside.")
        : Task.CompletedTask;
}
