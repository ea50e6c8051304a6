using System.Net.Mime;
using System.Text;
using CloudNative.CloudEvents.SystemTextJson;
using Signalbox.Bench.Filters;
using Signalbox.Events.Ingress;

namespace Signalbox.Bench.Ingress;

/// <summary>
/// Events of about 400 bytes that one core checks and routes, by the thread's processor time, against the maintained
/// CloudEvents SDK that reads the same bytes.
/// </summary>
internal sealed class IngressParse : IBenchmark
{
    private const int PerLook = 1_000;

    private static readonly TimeSpan _warmUp = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan _round = TimeSpan.FromSeconds(2);

    public string Name => "ingress-parse";

    public string Description => "CloudEvents checked by one core / the CloudEvents SDK";

    public bool NeedsServer => false;

    public Task<BenchResult> RunAsync(ServerProcess server, CancellationToken cancellationToken)
    {
        var body = Encoding.UTF8.GetBytes(Publish.CloudEvent("11111111-2222-3333-4444-555555555555", "bench.publish").Replace("@SEQ@", "12345", StringComparison.Ordinal));
        var formatter = new JsonEventFormatter();
        var type = new ContentType("application/cloudevents+json");
        var (source, code) = (new char[CloudEventReader.RoutedLengthMax], new char[CloudEventReader.RoutedLengthMax]);
        bool Here() => new CloudEventReader(body, source, code).Read() is null;
        bool There() => formatter.DecodeStructuredModeMessage(body, type, null).IsValid;
        var (values, references) = (new List<double>(), new List<double>());
        Rate(Here, _warmUp, cancellationToken);
        Rate(There, _warmUp, cancellationToken);
        for (var round = 0; round < 3; round++)
        {
            values.Add(Rate(Here, _round, cancellationToken));
            references.Add(Rate(There, _round, cancellationToken));
        }

        return Task.FromResult(new BenchResult(Name, Rounds.Median(values), Rounds.Median(references), "events/s", Goal: 1, MoreIsBetter: true));
    }

    private static double Rate(Func<bool> read, TimeSpan duration, CancellationToken cancellationToken)
    {
        var start = ThreadClock.Now;
        TimeSpan taken;
        var count = 0;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            for (var i = 0; i < PerLook; i++)
            {
                if (!read())
                {
                    throw new InvalidOperationException("The event is refused.");
                }
            }

            count += PerLook;
            taken = ThreadClock.Now - start;
        }
        while (taken < duration);
        return count / taken.TotalSeconds;
    }
}
