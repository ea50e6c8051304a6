using System.Collections.Concurrent;
using System.Security.Cryptography.X509Certificates;
using System.Text.RegularExpressions;
using Microsoft.Extensions.Logging;

namespace Signalbox.Runtime.EventHandlers;

/// <summary>
/// The public keys that deliveries name by path. They come from the configured host and from nowhere else, and are
/// kept for at most a day (events behaviour, section 9.3).
/// </summary>
internal sealed partial class PublicKeyCache : IDisposable
{
    private const int CountMax = 64;
    private const int PathLengthMax = 512;
    private const int DownloadsMax = 8;
    private const int AttemptsMax = 3;
    private const int PemBytesMax = 16 * 1024;

    private static readonly TimeSpan _lifetime = TimeSpan.FromHours(24);
    private static readonly TimeSpan _timeout = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan _firstRetryDelay = TimeSpan.FromMilliseconds(200);

    private readonly ConcurrentDictionary<string, Entry> _keys = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, Lazy<Task<PublicKey?>>> _downloads = new(StringComparer.Ordinal);
    private readonly SemaphoreSlim _places = new(DownloadsMax);
    private readonly RuntimeOptions _options;
    private readonly TimeProvider _clock;
    private readonly ILogger<PublicKeyCache> _logger;
    private readonly HttpClient _http;

    public PublicKeyCache(RuntimeOptions options, TimeProvider clock, ILogger<PublicKeyCache> logger)
    {
        _options = options;
        _clock = clock;
        _logger = logger;
        // A redirect, a proxy or a certificate's word of where its issuer's is to be had would lead to a host that is not the configured one.
        _http = new HttpClient(new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            SslOptions = { CertificateChainPolicy = new() { DisableCertificateDownloads = true, RevocationMode = X509RevocationMode.NoCheck } },
        })
        {
            MaxResponseContentBufferSize = PemBytesMax,
        };
    }

    /// <summary>The key at that path of the key host; null when the path is not one of a key, or there is none.</summary>
    public ValueTask<PublicKey?> FindAsync(string path)
    {
        if (path.Length > PathLengthMax || !PathPattern().IsMatch(path))
        {
            return ValueTask.FromResult<PublicKey?>(null);
        }

        return _keys.TryGetValue(path, out var entry) && _clock.GetUtcNow() < entry.ExpiresAt
            ? ValueTask.FromResult<PublicKey?>(entry.Key)
            : new ValueTask<PublicKey?>(JoinDownloadAsync(path));
    }

    public void Dispose()
    {
        _http.Dispose();
        _places.Dispose();
    }

    /// <summary>Whoever needs the same key at the same time waits for one download.</summary>
    private async Task<PublicKey?> JoinDownloadAsync(string path)
    {
        var download = _downloads.GetOrAdd(path, _ => new Lazy<Task<PublicKey?>>(() => DownloadAsync(path)));
        try
        {
            return await download.Value;
        }
        finally
        {
            _downloads.TryRemove(KeyValuePair.Create(path, download));
        }
    }

    private async Task<PublicKey?> DownloadAsync(string path)
    {
        await _places.WaitAsync();
        try
        {
            var askedAt = _clock.GetUtcNow();
            if (await FetchAsync(path) is not { } pem || PublicKey.TryParse(pem) is not { } key)
            {
                return null;
            }

            Keep(path, new Entry(key, askedAt + _lifetime));
            return key;
        }
        finally
        {
            _places.Release();
        }
    }

    private async Task<string?> FetchAsync(string path)
    {
        // Joined as texts: a path can never name another host this way, whatever it looks like.
        var uri = new Uri(_options.PublicKeyHost().GetLeftPart(UriPartial.Authority) + path);
        for (var attempt = 1; ; attempt++)
        {
            var (pem, isTransient) = await TryFetchAsync(uri);
            if (pem is not null || !isTransient || attempt == AttemptsMax)
            {
                return pem;
            }

            await Task.Delay(_firstRetryDelay * attempt, _clock);
        }
    }

    private async Task<(string? Pem, bool IsTransient)> TryFetchAsync(Uri uri)
    {
        try
        {
            using var timeout = new CancellationTokenSource(_timeout, _clock);
            using var response = await _http.GetAsync(uri, timeout.Token);
            if (response.IsSuccessStatusCode)
            {
                return (await response.Content.ReadAsStringAsync(timeout.Token), false);
            }

            Log.Refused(_logger, uri, (int)response.StatusCode);
            return (null, (int)response.StatusCode is 429 or >= 500);
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or IOException)
        {
            Log.Unreachable(_logger, uri, exception.Message);
            return (null, true);
        }
    }

    private void Keep(string path, Entry entry)
    {
        if (_keys.Count >= CountMax && _keys.MinBy(pair => pair.Value.ExpiresAt) is { Key: { } oldest })
        {
            _keys.TryRemove(oldest, out _);
        }

        _keys[path] = entry;
    }

    // No other path, however alike: the key host serves users' web actions, too, and those answer below paths that
    // their callers choose ("/api/v1/web/…/keys/pub-key-1.pem").
    [GeneratedRegex(@"\A/prod/keys/pub-key-[0-9A-Za-z-]+\.pem\z", RegexOptions.CultureInvariant)]
    private static partial Regex PathPattern();

    private sealed record Entry(PublicKey Key, DateTimeOffset ExpiresAt);

    private static partial class Log
    {
        [LoggerMessage(1, LogLevel.Warning, "The key host answered {Status} for {Uri}")]
        public static partial void Refused(ILogger logger, Uri uri, int status);

        [LoggerMessage(2, LogLevel.Warning, "The key host could not be asked for {Uri}: {Reason}")]
        public static partial void Unreachable(ILogger logger, Uri uri, string reason);
    }
}
