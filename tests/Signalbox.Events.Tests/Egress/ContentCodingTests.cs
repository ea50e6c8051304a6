using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using Signalbox.Events.Egress;

namespace Signalbox.Events.Tests.Egress;

/// <summary>Encoded answers, and what is no good of them, on real sockets.</summary>
public sealed class ContentCodingTests
{
    private const int ShownBytesMax = 64 << 10;

    [Theory]
    [InlineData("deflate", "zlib"), InlineData("Deflate", "zlib"), InlineData("deflate", "raw"), InlineData("gzip", "gzip"), InlineData("x-gzip", "gzip")]
    public async Task A_deflated_or_gzipped_body_is_read_as_what_it_holds(string coding, string format)
    {
        foreach (var body in (string[])["hello", new('a', 10_000), Convert.ToHexString(RandomNumberGenerator.GetBytes(20_000))])
        {
            Assert.Equal(body, Encoding.ASCII.GetString((await SendAsync(coding, Encode(format, Encoding.ASCII.GetBytes(body)))).Span));
        }
    }

    [Theory]
    [InlineData("deflate", "not deflated"), InlineData("gzip", "not zipped"), InlineData("compress", "unknown here"), InlineData("br", "unknown here")]
    [InlineData("deflate", "x needs a dictionary that nobody has"), InlineData("deflate, gzip", "several at once"), InlineData("identity", "nothing to undo"), InlineData("gzip", "")]
    public async Task What_cannot_be_decoded_is_kept_as_it_came(string coding, string body) =>
        Assert.Equal(body, Encoding.ASCII.GetString((await SendAsync(coding, Encoding.ASCII.GetBytes(body))).Span));

    [Fact]
    public async Task A_body_that_is_damaged_on_the_way_is_kept_as_it_came()
    {
        var encoded = Encode("gzip", RandomNumberGenerator.GetBytes(1_000));
        encoded[^6] ^= 1;

        Assert.Equal(encoded, (await SendAsync("gzip", encoded)).ToArray());
    }

    [Fact]
    public async Task A_body_that_needs_a_dictionary_is_kept_as_it_came()
    {
        byte[] encoded = [0x78, 0xBB, 0x2C, 0x00, 0x05, 0xD9, 0xCB, 0x40];

        Assert.Equal(encoded, (await SendAsync("deflate", encoded)).ToArray());
    }

    [Theory, InlineData("deflate", "zlib"), InlineData("deflate", "raw"), InlineData("gzip", "gzip")]
    public async Task A_body_that_grows_without_end_is_decoded_up_to_the_limit(string coding, string format)
    {
        var bomb = Encode(format, new byte[256 << 20]);

        Assert.InRange((await SendAsync(coding, bomb)).Length, ShownBytesMax, ShownBytesMax + 16);

        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(1_000, ContentCoding.Decode(coding, bomb, bytesMax: 1_000).Length);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 100_000);
    }

    [Fact]
    public async Task A_long_body_that_does_not_compress_is_kept_up_to_the_limit()
    {
        var body = RandomNumberGenerator.GetBytes(1 << 20);

        var kept = await SendAsync("deflate", Encode("zlib", body));

        Assert.InRange(kept.Length, ShownBytesMax, ShownBytesMax + 16);
        Assert.Equal(body.AsSpan(0, kept.Length), kept.Span);
    }

    private static byte[] Encode(string format, byte[] body)
    {
        using var encoded = new MemoryStream();
        using (Stream encoder = format switch
        {
            "zlib" => new ZLibStream(encoded, CompressionMode.Compress),
            "raw" => new DeflateStream(encoded, CompressionMode.Compress),
            _ => new GZipStream(encoded, CompressionMode.Compress),
        })
        {
            encoder.Write(body);
        }

        return encoded.ToArray();
    }

    private static async Task<ReadOnlyMemory<byte>> SendAsync(string coding, byte[] body)
    {
        using var listener = new RawListener(async stream =>
        {
            await stream.WriteAsync(Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nContent-Encoding: {coding}\r\nContent-Length: {body.Length}\r\n\r\n"));
            await stream.WriteAsync(body);
        });
        var options = new EventsOptions { AllowPrivateTargets = true };
        using var client = new WebhookClient(
            new CheckedConnector(new TargetCheck(new WebhookTargetPolicy(options), new SystemHostResolver(TimeProvider.System), TimeProvider.System), new EgressProxy(options)),
            new RecordingHandlers(), options, TimeProvider.System, NullLogger<WebhookClient>.Instance);
        var request = new OutgoingRequest { Method = HttpMethod.Get, Url = new Uri(listener.Url), Headers = [] };
        var exchange = await client.SendAsync(request, isOwnHandler: false, TimeSpan.FromSeconds(20), default);
        Assert.Equal(200, exchange.Code);
        return exchange.ResponseBody;
    }
}
