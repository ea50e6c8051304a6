using System.Text;

namespace Signalbox.Sandbox.Tests;

internal static class OutcomeText
{
    extension(SandboxOutcome outcome)
    {
        /// <summary>The answer's JSON; fails with what happened instead when there is none.</summary>
        public string Answer()
        {
            Assert.True(outcome.Status == SandboxStatus.Answered, $"{outcome.Status}: {outcome.Message}\n{outcome.LogText()}");
            return Encoding.UTF8.GetString(outcome.Result.Span);
        }

        public string LogText() => string.Join('\n', outcome.Logs.Select(line => $"{line.Stream}: {line.Text}"));
    }
}
