using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;

namespace Signalbox.Events.DeadLetters;

/// <summary>Which dead letters of a registration are meant.</summary>
/// <param name="Reason">Null: any.</param>
/// <param name="From">Dead since then; null: from the oldest on.</param>
/// <param name="To">Dead before then; null: up to the newest.</param>
internal sealed record DeadLetterFilter(DeadLetterReason? Reason, DateTimeOffset? From, DateTimeOffset? To)
{
    private static readonly string[] _choices = ["reason", "from", "to", "all"];

    public static DeadLetterFilter All { get; } = new(null, null, null);

    /// <summary>For queries whose parameters are <see cref="Parameters"/>.</summary>
    public string Where =>
        "registration_key = @Registration"
        + (Reason is null ? "" : " AND reason = @Reason")
        + (From is null ? "" : " AND dead_letter_key >= @FromKey")
        + (To is null ? "" : " AND dead_letter_key < @ToKey");

    /// <summary>The filter of a request's query.</summary>
    public static Outcome<DeadLetterFilter> Parse(IQueryCollection query) =>
        Parse(query["reason"], query["from"], query["to"]);

    /// <summary>The filter of a request that ends many: it names them, or says that it means all, so that a slip does not end all.</summary>
    public static Outcome<DeadLetterFilter> ParseChoice(IQueryCollection query)
    {
        var checks = new FieldChecks();
        checks.Known(query, _choices);
        string? all = query["all"];
        if (all is not (null or "true" or "false"))
        {
            checks.Add("all", $"'all' is '{FieldChecks.Shown(all)}'. It must be true or false.");
        }

        return checks.Refusal is { } refusal ? refusal : ParseChoice(query["reason"], query["from"], query["to"], all == "true");
    }

    /// <inheritdoc cref="ParseChoice(IQueryCollection)" />
    public static Outcome<DeadLetterFilter> ParseChoice(string? reason, string? from, string? to, bool isAll)
    {
        var checks = new FieldChecks();
        foreach (var (name, _) in new[] { ("reason", reason), ("from", from), ("to", to) }.Where(choice => choice.Item2 == ""))
        {
            checks.Add(name, $"'{name}' is empty. Give it a value, or leave it out.");
        }

        if (checks.Refusal is { } refusal || Parse(reason, from, to).IsRefused(out refusal, out var filter))
        {
            return refusal;
        }

        return (filter != All) != isAll ? filter
            : isAll ? ApiRefusal.BadField("all", "'all' does not go with 'reason', 'from' or 'to'. Remove it, or them.")
            : ApiRefusal.BadRequest("Say which ones: with 'reason', 'from' (a time) or 'to' (a time), or with 'all' true for all of them.");
    }

    public static Outcome<DeadLetterFilter> Parse(string? reason, string? from, string? to)
    {
        var checks = new FieldChecks();
        var parsed = string.IsNullOrEmpty(reason) ? null : DeadLetterWords.ToReason(reason);
        if (!string.IsNullOrEmpty(reason) && parsed is null)
        {
            checks.Add("reason", $"'reason' is '{FieldChecks.Shown(reason)}'. It must be one of {string.Join(", ", DeadLetterWords.All)}.");
        }

        var filter = new DeadLetterFilter(parsed, checks.OptionalTime("from", from), checks.OptionalTime("to", to));
        return checks.Refusal is { } refusal ? refusal : filter;
    }

    /// <summary>Keys are in the order of time, so that bounds in time are bounds of keys.</summary>
    public object Parameters(long registrationKey, long? after = null, int limit = 0) => new
    {
        Registration = registrationKey,
        Reason = Reason is { } reason ? DeadLetterWords.Of(reason) : null,
        FromKey = From is { } from ? TimeOrderedKeys.FirstOf(from) : 0,
        ToKey = To is { } to ? TimeOrderedKeys.FirstOf(to) : 0,
        After = after ?? long.MaxValue,
        Limit = limit,
    };
}
