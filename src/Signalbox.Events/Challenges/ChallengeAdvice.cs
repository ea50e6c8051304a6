using System.Globalization;
using Signalbox.Events.Registrations;

namespace Signalbox.Events.Challenges;

/// <summary>Says what was wrong with a webhook's answers, and how to mend it (events behaviour, section 8).</summary>
internal static class ChallengeAdvice
{
    private const string WhatToAnswer =
        "Answer GET ?challenge=VALUE with status 200 and VALUE as text/plain, or with {\"challenge\": \"VALUE\"} as application/json.";

    /// <param name="probes">The GET, then perhaps the POST.</param>
    /// <param name="status">What the registration has become since.</param>
    public static string For(IReadOnlyList<ChallengeProbe> probes, WebhookStatus status)
    {
        var first = probes[0];
        var last = probes[^1];
        if (last is { Method: "POST", Code: 200 })
        {
            const string Taken = "The webhook did not answer the challenge, but took the validation URL that was posted to it";
            return status == WebhookStatus.VerificationFailed
                ? $"{Taken}, and nobody opened that URL within 5 minutes: it has expired. \"Retry webhook\" asks again and posts a new one. {WhatToAnswer}"
                : $"{Taken}. Open that URL within 5 minutes (it stands in the request's body on the webhook's side); no events are pushed until then.";
        }

        return first.Code switch
        {
            200 => ForWrongAnswer(first),
            >= 300 and <= 399 => string.Create(CultureInfo.InvariantCulture, $"The webhook redirected with {first.Code}. Redirects are not followed: register the address that it leads to."),
            401 or 403 => string.Create(CultureInfo.InvariantCulture, $"The webhook refused the request with {first.Code}. Challenges carry no credentials: let unauthenticated requests through, and check the signatures instead."),
            404 => $"Nothing stands at this path: the webhook answered 404. Check the URL. {WhatToAnswer}",
            405 => $"The webhook takes no GET: it answered 405. {WhatToAnswer}",
            601 => "The request failed on this side of the network. Try again; if it fails again, look into the server's log.",
            602 => "The webhook could not be reached: its name did not resolve, nothing listens there, the address is one that this server must not call, or what answers there does not speak HTTP. Check the host name and port, and that the endpoint is reachable from this server. The trace's response says what was wrong.",
            604 => "The webhook did not answer in time. It has 10 seconds for a challenge: answer first, work afterwards.",
            611 => "The TLS handshake failed. The webhook's certificate must be valid for its name, not expired, and signed by a known authority, with the intermediate certificates sent along; and if it asks for a client certificate, it must trust the one of this server. The trace's response says what was wrong.",
            >= 500 => string.Create(CultureInfo.InvariantCulture, $"The webhook broke with {first.Code}. Look into its own log. ") + WhatToAnswer,
            _ => string.Create(CultureInfo.InvariantCulture, $"The webhook answered {first.Code}, and only 200 counts. ") + WhatToAnswer,
        };
    }

    private static string ForWrongAnswer(ChallengeProbe probe) => probe.ContentType.ToLowerInvariant() switch
    {
        "text/html" => $"The webhook answered 200, but with a web page (text/html) instead of the challenge. {WhatToAnswer}",
        "application/json" => $"The webhook answered 200 with JSON, but its member \"challenge\" is missing or holds another value. {WhatToAnswer}",
        "text/plain" or "" => $"The webhook answered 200, but the text is not the challenge of this request. Send back the value of the query parameter \"challenge\", and nothing else. {WhatToAnswer}",
        var other => $"The webhook answered 200, but as {other}. {WhatToAnswer}",
    };
}
