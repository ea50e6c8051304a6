using System.Runtime.CompilerServices;
using Signalbox.Sandbox.Isolation.SystemCalls;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>docs/isolation.md says what the filter does.</summary>
public sealed class IsolationDocumentTests
{
    [Fact]
    public async Task The_document_lists_every_refused_call_with_its_reason()
    {
        var document = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(ThisFile())!, "../../../docs/isolation.md"));
        Assert.All(DeniedSystemCalls.Groups, group => Assert.Contains(
            $"| {string.Join(", ", group.Calls.Select(call => $"`{call.Name}`"))} | {group.Reason} |", document, StringComparison.Ordinal));
    }

    private static string ThisFile([CallerFilePath] string path = "") => path;
}
