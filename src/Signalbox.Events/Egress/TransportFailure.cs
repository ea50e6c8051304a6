using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Signalbox.Events.Egress;

/// <summary>Why no HTTP response arrived, as traces tell it (events behaviour, section 11).</summary>
internal sealed record TransportFailure
{
    private const int CausesMax = 8;

    private const int MessageCharactersMax = 1_000;

    /// <summary>601, 602, 604 or 611.</summary>
    public required int Code { get; init; }

    public required string Kind { get; init; }

    /// <summary>Stands in the trace and in the server's log.</summary>
    public Guid Reference { get; } = Guid.NewGuid();

    /// <summary>At least one, the innermost last.</summary>
    public required IReadOnlyList<Cause> Causes { get; init; }

    /// <summary>What the innermost cause says, in one line.</summary>
    public string Reason => Causes[^1].Message;

    /// <summary>There was no address that the request was allowed to go to.</summary>
    public bool IsTargetRefused { get; init; }

    /// <summary>It says nothing of the target: this server could not ask where that is, or has no way there.</summary>
    public bool IsOurFault { get; init; }

    public static TransportFailure Timeout(TimeSpan limit) => new()
    {
        Code = 604,
        Kind = "Timeout",
        Causes = [new Cause("TimeoutException", $"The whole attempt took longer than {limit.TotalSeconds:0} s.")],
    };

    public static TransportFailure From(Exception exception)
    {
        var chain = Chain(exception);
        var (code, kind) = chain switch
        {
            _ when chain.Any(e => e is NoLookupPlaceException) => (601, "Unexpected"),
            _ when chain.Any(IsTlsAlert) => (611, "SSLHandshake"),
            _ when chain.Any(e => e is TargetRefusedException or SocketException) => (602, "Network"),
            _ when chain.Any(e => e is AuthenticationException
                or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) => (611, "SSLHandshake"),
            _ when chain.Any(e => e is IOException or HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded
                    or HttpRequestError.InvalidResponse or HttpRequestError.ConfigurationLimitExceeded,
            }) => (602, "Network"),
            // Some complaints of the HTTP client about an answer, such as of a chunk's long extension, have no kind.
            [.., HttpRequestException { HttpRequestError: HttpRequestError.Unknown }] => (602, "Network"),
            _ => (601, "Unexpected"),
        };
        return new TransportFailure
        {
            Code = code,
            Kind = kind,
            IsTargetRefused = chain.Any(e => e is TargetRefusedException),
            IsOurFault = chain.Any(e => e is NoLookupPlaceException or EgressProxyException),
            Causes = [.. chain.Select(e => new Cause(e.GetType().Name, Show(e.Message)))],
        };
    }

    /// <summary>The text that stands for the response's body.</summary>
    public override string ToString()
    {
        var text = new StringBuilder($"{Code} : {Kind} ERROR(`{Reference}`) :");
        foreach (var cause in Causes)
        {
            text.Append('\n').Append(cause);
        }

        return text.ToString();
    }

    /// <summary>
    /// Under TLS 1.3 an endpoint judges the client's certificate when the handshake is over for the client: its refusal
    /// comes as an alert instead of the response. The runtime's type for it is not public.
    /// </summary>
    private static bool IsTlsAlert(Exception exception) => exception.GetType().Name == "SslException";

    private static List<Exception> Chain(Exception exception)
    {
        var chain = new List<Exception>();
        for (var e = exception; e is not null && chain.Count < CausesMax; e = e.InnerException)
        {
            chain.Add(e);
        }

        return chain;
    }

    /// <summary>
    /// Messages quote what the endpoint sent: what no line and no database can hold is left out, and what would fill the log.
    /// </summary>
    private static string Show(string message)
    {
        var text = WholeText.OneLine(message, MessageCharactersMax);
        return message.Length > MessageCharactersMax ? text + "…" : text;
    }

    /// <summary>An exception on the way.</summary>
    internal sealed record Cause(string Name, string Message)
    {
        public override string ToString() => $"| {Name}(`{Message}`)";
    }
}
