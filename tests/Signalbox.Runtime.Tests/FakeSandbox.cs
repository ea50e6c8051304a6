using System.Collections.Concurrent;
using System.Text;
using Signalbox.Runtime.Invocations;
using Signalbox.Sandbox;

namespace Signalbox.Runtime.Tests;

/// <summary>
/// Stands in for the sandboxes so that a test decides how a run ends. What an action's code says is what happens:
/// <c>echo</c> answers its arguments, <c>print</c> prints a line and then waits as <c>gate</c> does, <c>json:…</c> that text, other words an outcome of that name.
/// </summary>
internal sealed class FakeSandbox(TimeProvider clock) : IActionSandbox
{
    public IReadOnlyList<SandboxKind> Kinds { get; } =
    [
        new("nodejs:20", "nodejs", IsDefault: true, IsDeprecated: false),
        new("nodejs:18", "nodejs", IsDefault: false, IsDeprecated: false),
        new("nodejs:10", "nodejs", IsDefault: false, IsDeprecated: true),
        new("python:3", "python", IsDefault: true, IsDeprecated: false),
        new("dotnet:10", "dotnet", IsDefault: true, IsDeprecated: false) { RequiresMain = true },
        new("swift:5", "swift", IsDefault: true, IsDeprecated: false) { Missing = "install swift" },
    ];

    public ConcurrentQueue<(SandboxedAction Action, SandboxRequest Request)> Runs { get; } = new();

    /// <summary>What runs of <c>gate</c> and <c>print</c> wait for.</summary>
    public TaskCompletionSource Gate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public async Task<SandboxOutcome> RunAsync(SandboxedAction action, SandboxRequest request, CancellationToken cancellationToken)
    {
        Runs.Enqueue((action, request));
        if (action.Code == "print")
        {
            request.LogListener?.OnLine(action, request, new LogLine(clock.GetUtcNow(), LogStream.Stdout, "first"));
        }

        if (action.Code is "gate" or "print")
        {
            await Gate.Task;
        }

        var now = clock.GetUtcNow();
        var outcome = new SandboxOutcome { Status = SandboxStatus.Answered, Start = now, End = now, Wait = TimeSpan.FromMilliseconds(3) };
        return action.Code switch
        {
            "echo" or "gate" or "print" => outcome with { Result = request.Arguments },
            "log" => outcome with
            {
                Result = "{}"u8.ToArray(),
                Init = TimeSpan.FromMilliseconds(40),
                Logs = [new LogLine(now, LogStream.Stdout, "hi"), new LogLine(now, LogStream.Stderr, "oh")],
            },
            _ when action.Code.StartsWith("json:", StringComparison.Ordinal) =>
                outcome with { Result = Encoding.UTF8.GetBytes(action.Code[5..]) },
            _ when Enum.TryParse<SandboxStatus>(action.Code.Split(':')[0], out var status) =>
                outcome with { Status = status, Message = action.Code.Contains(':', StringComparison.Ordinal) ? action.Code[(action.Code.IndexOf(':', StringComparison.Ordinal) + 1)..] : null },
            _ => outcome with { Result = "{}"u8.ToArray() },
        };
    }

    public void Prepare(string kind)
    {
    }

    public void Retire(string actionId)
    {
    }
}
