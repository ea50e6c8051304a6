using System.Text.RegularExpressions;

namespace Signalbox.EndToEnd.Tests;

/// <summary>Reads <c>Link</c> headers (events behaviour, section 12.4).</summary>
internal static partial class LinkHeader
{
    /// <summary>The target of the link with that relation; the test fails when there is none.</summary>
    public static string Find(Answer answer, string relation)
    {
        var links = answer.Headers.GetValueOrDefault("link", string.Empty);
        foreach (Match link in LinkShape.Matches(links))
        {
            if (link.Groups["rel"].Value == relation)
            {
                return link.Groups["target"].Value;
            }
        }

        throw new Xunit.Sdk.XunitException($"No link '{relation}' among: {links} ({answer.Request})");
    }

    [GeneratedRegex("<(?<target>[^>]*)>;\\s*rel=\"?(?<rel>[^\",;]+)\"?")]
    private static partial Regex LinkShape { get; }
}
