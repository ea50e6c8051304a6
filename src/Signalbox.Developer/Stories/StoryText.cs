using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Signalbox.Developer.Terminal;

namespace Signalbox.Developer.Stories;

/// <summary>Writes a story as a time line for a terminal.</summary>
internal static class StoryText
{
    public static string Write(JsonNode story)
    {
        var text = new StringBuilder();
        var acceptedAt = Time(story["accepted_at"]!);
        var deliveries = story["deliveries"]!.AsArray();
        text.Append($"Event {story["event_id"]}  {Shown(story["event_code"]!)}");
        text.AppendLine(story["id"] is { } id ? $"  (published as '{Shown(id)}')" : "");
        Line(text, acceptedAt, acceptedAt, $"accepted   {story["payload_bytes"]} bytes of provider {story["provider_id"]}, durable and acknowledged");
        Line(text, acceptedAt, acceptedAt, $"matched    {deliveries.Count} registration{(deliveries.Count == 1 ? "" : "s")}");
        foreach (var registration in story["passed_over"]?.AsArray() ?? [])
        {
            Line(text, acceptedAt, acceptedAt, $"not for    '{Shown(registration!["name"]!)}': {registration["why"]}");
        }

        if (story["passed_over_more"] is { } more)
        {
            Line(text, acceptedAt, acceptedAt, $"not for    {more} more of its interest");
        }

        foreach (var delivery in deliveries)
        {
            text.AppendLine();
            WriteDelivery(text, delivery!, acceptedAt);
        }

        return text.ToString().TrimEnd();
    }

    private static void WriteDelivery(StringBuilder text, JsonNode delivery, DateTimeOffset acceptedAt)
    {
        text.Append($"{Shown(delivery["name"]!)}  [{delivery["delivery_type"]}{(delivery["registration_deleted_at"] is null ? "" : ", deleted")}]");
        text.AppendLine($"{(delivery["target"] is { } target ? $"  -> {Shown(target)}" : "")}  {delivery["state"]!.ToString().ToUpperInvariant()}");
        foreach (var (at, what) in Steps(delivery).OrderBy(step => step.At))
        {
            Line(text, at, acceptedAt, what);
        }

        if (delivery["next_attempt_at"] is { } next)
        {
            Line(text, Time(next), acceptedAt, $"next       {delivery["next"]}");
        }
        else
        {
            text.AppendLine($"  {"",24} {"",12} next       {delivery["next"]}");
        }
    }

    /// <summary>What happened, by its time.</summary>
    private static IEnumerable<(DateTimeOffset At, string What)> Steps(JsonNode delivery)
    {
        if (delivery["earlier_attempts_left_out"] is { } earlier)
        {
            yield return (Time(delivery["attempts"]![0]!["attempted_at"]!), $"{"…",-10} {earlier} earlier attempts are not shown");
        }

        var before = int.MaxValue;
        foreach (var attempt in delivery["attempts"]!.AsArray())
        {
            var retry = attempt!["retry_count"]!.GetValue<int>();
            if (retry - 1 > before)
            {
                yield return (Time(attempt["attempted_at"]!), $"{"…",-10} {LeftOut(retry - 1 - before)}");
            }

            before = retry;
            var name = retry == 0 ? "attempt" : string.Create(CultureInfo.InvariantCulture, $"retry {retry}");
            var replay = attempt["replay_id"] is { } id ? $", replay {id}" : "";
            yield return (
                Time(attempt["attempted_at"]!),
                $"{name,-10} {attempt["code"]} {attempt["meaning"]}, {attempt["duration_ms"]} ms  (delivery {attempt["delivery_id"]}{replay})");
            if (attempt["explanation"] is { } explanation)
            {
                yield return (Time(attempt["attempted_at"]!), $"{"",-10} {Shown(explanation)}");
            }

            foreach (var run in attempt["activations"]?.AsArray() ?? [])
            {
                var indent = new string(' ', 2 * run!["depth"]!.GetValue<int>());
                yield return (Time(run["started_at"]!), $"  {indent}{run["action"]}: {run["status"]}, {run["duration_ms"]} ms  (activation {run["activation_id"]})");
            }
        }

        foreach (var letter in delivery["dead_letters"]?.AsArray() ?? [])
        {
            yield return (
                Time(letter!["dead_at"]!),
                $"{"dead",-10} {letter["reason"]}, the fault of: {letter["fault"]}  (dead letter {letter["id"]}){(letter["state"]!.ToString() == "kept" ? $"  {letter["next"]}" : "")}");
            if (letter["ended_at"] is { } endedAt)
            {
                yield return (Time(endedAt), $"{letter["state"],-10} dead letter {letter["id"]}{EndedBy(letter)}");
            }
        }

        foreach (var replay in delivery["replays"]?.AsArray() ?? [])
        {
            yield return (
                Time(replay!["started_at"]!),
                $"{"replay",-10} of {Meant(replay["kind"]!)}: {replay["state"]}  (replay {replay["id"]}){(replay["ended_at"] is null ? $"  {replay["next"]}" : "")}");
        }
    }

    private static string LeftOut(int retries) => retries == 1 ? "1 retry in between is not kept" : $"{retries} retries in between are not kept";

    private static string EndedBy(JsonNode letter) =>
        letter["replay_id"] is { } by ? $", by replay {by}"
        : letter["state"]!.ToString() == "dropped" ? ": the registration had too many"
        : "";

    private static string Meant(JsonNode kind) => kind.ToString() switch
    {
        "event" => "this event",
        "failed" => "what had failed",
        _ => "a range of time",
    };

    private static void Line(StringBuilder text, DateTimeOffset at, DateTimeOffset from, string what) =>
        text.AppendLine(CultureInfo.InvariantCulture, $"  {at.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.fff'Z'} {Passed(at - from),12} {what}");

    private static string Passed(TimeSpan time) =>
        time == TimeSpan.Zero ? ""
        : time < TimeSpan.FromMinutes(2) ? string.Create(CultureInfo.InvariantCulture, $"+{time.TotalSeconds:F3} s")
        : time < TimeSpan.FromDays(1) ? time.ToString("'+'h\\:mm\\:ss", CultureInfo.InvariantCulture)
        : time.ToString("'+'d'd 'h\\:mm\\:ss", CultureInfo.InvariantCulture);

    private static DateTimeOffset Time(JsonNode time) => DateTimeOffset.Parse(time.GetValue<string>(), CultureInfo.InvariantCulture);

    /// <summary>What others wrote.</summary>
    private static string Shown(JsonNode text) => Screen.Harmless(text.ToString());
}
