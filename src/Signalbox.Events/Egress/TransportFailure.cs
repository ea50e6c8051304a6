using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;

namespace Signalbox.Events.Egress;

/// <summary>Why no HTTP response arrived, as traces tell it (events behaviour, section 11).</summary>
internal sealed record TransportFailure
{
    private const int CausesMax = 8;

    /// <summary>601, 602, 604 or 611.</summary>
    public required int Code { get; init; }

    public required string Kind { get; init; }

    /// <summary>Stands in the trace and in the server's log.</summary>
    public Guid Reference { get; } = Guid.NewGuid();

    public required IReadOnlyList<string> Causes { get; init; }

    /// <summary>There was no address that the request was allowed to go to.</summary>
    public bool IsTargetRefused { get; init; }

    public static TransportFailure Timeout(TimeSpan limit) => new()
    {
        Code = 604,
        Kind = "Timeout",
        Causes = [Cause("TimeoutException", $"The whole attempt took longer than {limit.TotalSeconds:0} s.")],
    };

    public static TransportFailure From(Exception exception)
    {
        var chain = Chain(exception);
        var (code, kind) = chain switch
        {
            _ when chain.Any(e => e is TargetRefusedException or SocketException) => (602, "Network"),
            _ when chain.Any(e => e is AuthenticationException
                or HttpRequestException { HttpRequestError: HttpRequestError.SecureConnectionError }) => (611, "SSLHandshake"),
            _ when chain.Any(e => e is IOException or HttpRequestException
            {
                HttpRequestError: HttpRequestError.NameResolutionError or HttpRequestError.ConnectionError or HttpRequestError.ResponseEnded,
            }) => (602, "Network"),
            _ => (601, "Unexpected"),
        };
        return new TransportFailure
        {
            Code = code,
            Kind = kind,
            IsTargetRefused = chain.Any(e => e is TargetRefusedException),
            Causes = [.. chain.Select(e => Cause(e.GetType().Name, e.Message))],
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

    private static List<Exception> Chain(Exception exception)
    {
        var chain = new List<Exception>();
        for (var e = exception; e is not null && chain.Count < CausesMax; e = e.InnerException)
        {
            chain.Add(e);
        }

        return chain;
    }

    private static string Cause(string name, string message) => $"| {name}(`{message}`)";
}
