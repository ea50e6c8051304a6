using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Signalbox.Events.Edge;

namespace Signalbox.Events.Tracing;

/// <summary>
/// Which traces a list shows: <c>?status=success</c>, <c>error</c> or <c>all</c>, and <c>?response_code=503</c>, several
/// separated by commas. Without them, all, as the hosted service answers.
/// </summary>
internal sealed record TraceFilter(bool Successes, bool Errors, IReadOnlySet<int> ResponseCodes)
{
    private const int ResponseCodesMax = 100;

    public static Outcome<TraceFilter> Parse(IQueryCollection query)
    {
        var status = query["status"].ToString();
        if (status is not ("" or "all" or "success" or "error"))
        {
            return ApiRefusal.BadField("status", $"'status' is '{FieldChecks.Shown(status)}'. It must be success, error or all.");
        }

        var codes = new HashSet<int>();
        foreach (var text in query["response_code"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            if (codes.Count == ResponseCodesMax || !int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var code) || code is < 100 or > 999)
            {
                return ApiRefusal.BadField(
                    "response_code", $"'response_code' has '{FieldChecks.Shown(text)}'. It must be at most {ResponseCodesMax} codes from 100 to 999, separated by commas.");
            }

            codes.Add(code);
        }

        return new TraceFilter(status is not "error", status is not "success", codes);
    }

    /// <summary>The documents that are shown, in their order.</summary>
    public IReadOnlyList<byte[]> Choose(IReadOnlyList<byte[]> documents) =>
        Successes && Errors && ResponseCodes.Count == 0 ? documents : [.. documents.Where(IsShown)];

    private bool IsShown(byte[] document)
    {
        using var parsed = JsonDocument.Parse(document);
        var code = parsed.RootElement.GetProperty("trace").GetProperty("tracingResponse").GetProperty("responseCode").GetInt32();
        return (code is >= 200 and <= 299 ? Successes : Errors) && (ResponseCodes.Count == 0 || ResponseCodes.Contains(code));
    }
}
