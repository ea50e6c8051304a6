using System.CommandLine;
using System.Text.Json.Nodes;

namespace Signalbox.Server.Commands;

/// <summary><c>signalbox certificates</c>: shows and renews what is presented to endpoints that ask for a certificate.</summary>
internal static class CertificatesCommand
{
    public static Command Create()
    {
        var show = new Command("show", "Show the client certificates that are served").Administers(async (_, client, cancellationToken) =>
        {
            Print(await client.GetAsync("/admin/certificates", cancellationToken));
            return 0;
        });

        var now = new Option<bool>("--now") { Description = "Present it at once and withdraw the others: for a key that is not secret any more" };
        var renew = new Command("renew", "Issue the next client certificate; or read the operator's file again") { now };
        renew.Administers(async (parsed, client, cancellationToken) =>
        {
            Print(await client.PostAsync($"/admin/certificates/renew?now={(parsed.GetValue(now) ? "true" : "false")}", [], cancellationToken));
            return 0;
        });
        return new Command("certificates", "The client certificates for endpoints that ask for one (mTLS)") { show, renew };
    }

    private static void Print(JsonNode answer)
    {
        foreach (var certificate in answer["certificates"]!.AsArray())
        {
            var state = (bool)certificate!["is_presented"]! ? "presented"
                : (bool)certificate["is_replaced"]! ? $"replaced, was presented from {certificate["presented_from"]}"
                : $"presented from {certificate["presented_from"]}";
            Console.WriteLine($"{certificate["subject"]}  serial {certificate["serial"]}  SHA-1 fingerprint {certificate["thumbprint"]}  ends {certificate["not_after"]}  {state}");
            if (certificate["warning"] is { } warning)
            {
                Console.WriteLine($"warning: {warning}");
            }
        }
    }
}
