using Signalbox.Events.Challenges;
using Signalbox.Events.Journal;
using Signalbox.Events.Stories;
using Signalbox.Events.Tracing;
using Signalbox.Runtime.Actions;
using Signalbox.Runtime.Activations;

namespace Signalbox.WebConsole.Shell;

/// <summary>How much memory a reading takes that can be large, in bytes, about.</summary>
internal static class ReadingWeight
{
    private const int AttemptBytes = 512;

    public static long Of(JournalView view) => view.Items.Sum(item => Of(item.Json));

    public static long Of(TraceExchange? exchange) => exchange is null ? 0 : Of(exchange.RequestBody) + Of(exchange.ResponseBody);

    public static long Of(ChallengeReport? report) => report?.Probes.Sum(probe => Of(probe.RequestBody) + Of(probe.ResponseBody)) ?? 0;

    public static long Of(EventStory? story) => story?.Deliveries.Sum(delivery => (1L + delivery.Attempts.Count) * AttemptBytes) ?? 0;

    public static long Of(ActionDetails? action) => action is null ? 0 : Of(action.Code);

    public static long Of(ActivationRecord? record) => record is null ? 0 : Of(record.Result) + record.Logs.Sum(Of);

    private static long Of(string text) => (long)text.Length * sizeof(char);
}
