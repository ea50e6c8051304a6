using System.Globalization;
using Microsoft.AspNetCore.Http;

namespace Signalbox.Events.Edge;

/// <summary>A page of a list whose rows have keys in the list's order: so many, behind a key.</summary>
/// <param name="After">The last key of the page before; null on the first.</param>
/// <param name="Limit">Rows of the page.</param>
internal sealed record KeysetPage(long? After, int Limit)
{
    private const int LimitDefault = 20;

    /// <summary>The page that a query asks for.</summary>
    /// <param name="query">The request's.</param>
    /// <param name="limitMax">Most rows of a page.</param>
    /// <param name="others">The list's other parameters, which somebody else reads; what is none of all these is refused.</param>
    public static Outcome<KeysetPage> Parse(IQueryCollection query, int limitMax, params ReadOnlySpan<string> others)
    {
        var checks = new FieldChecks();
        checks.Known(query, [.. others, "after", "limit"]);
        long? after = null;
        if (!string.IsNullOrEmpty(query["after"]))
        {
            if (long.TryParse(query["after"], NumberStyles.None, CultureInfo.InvariantCulture, out var key))
            {
                after = key;
            }
            else
            {
                checks.Add("after", $"'after' is '{FieldChecks.Shown(query["after"].ToString())}'. Follow the 'next' link of the page before.");
            }
        }

        var limit = LimitDefault;
        if (!string.IsNullOrEmpty(query["limit"])
            && (!int.TryParse(query["limit"], NumberStyles.None, CultureInfo.InvariantCulture, out limit) || limit < 1 || limit > limitMax))
        {
            checks.Add("limit", $"'limit' is '{FieldChecks.Shown(query["limit"].ToString())}'. It must be a number from 1 to {limitMax}.");
        }

        return checks.Refusal is { } refusal ? refusal : new KeysetPage(after, limit);
    }

    /// <summary>The request's own address, one page on.</summary>
    public HalLink Next(HttpContext context, long lastKey)
    {
        var kept = context.Request.Query.Where(q => q.Key is not ("after" or "limit"));
        var query = QueryString.Create(kept)
            .Add("limit", Limit.ToString(CultureInfo.InvariantCulture))
            .Add("after", lastKey.ToString(CultureInfo.InvariantCulture));
        return context.LinkTo($"{context.Request.Path}{query}");
    }
}
