using System.Security.Cryptography.X509Certificates;

namespace Signalbox.Events.ClientCertificates;

/// <summary>
/// The certificate that is presented now, and those that are served: of the built-in authority, or the operator's.
/// </summary>
/// <remarks>
/// <code>
///  issued ──── served ──── presented ───────────────────────── expires
///                                   next: issued ─ served ─ presented ───
///                                         │ ReissueBefore │
///                                         │ PublishAhead ─┘
/// </code>
/// </remarks>
internal sealed class PresentedCertificates(CertificateStore store, EventsOptions events, TimeProvider clock) : IClientCertificates, IDisposable
{
    /// <summary>How long before its end the operator is warned of a certificate of theirs.</summary>
    private static readonly TimeSpan _warnBefore = TimeSpan.FromDays(20);

    private readonly SemaphoreSlim _gate = new(1);
    private IReadOnlyList<KeptCertificate> _kept = [];
    private (Guid? Id, DateTime WrittenAt) _loaded;
    private volatile ClientIdentity? _presented;

    private ClientCertificateOptions Options => events.ClientCertificate;

    /// <summary>What is presented now; null before the first one was made.</summary>
    public ClientIdentity? Presented => _presented;

    public bool IsOperators => Options.File is { Length: > 0 };

    /// <summary>Those that are presented now or may be presented later, oldest first.</summary>
    public IReadOnlyList<KeptCertificate> Served => [.. _kept.Where(kept => !kept.IsAuthority)];

    /// <summary>Those that endpoints have to trust.</summary>
    public IReadOnlyList<KeptCertificate> Authorities => [.. _kept.Where(kept => kept.IsAuthority)];

    /// <summary>The PEM of everything that is presented or may be.</summary>
    public string ServedPem() => IsOperators
        ? string.Join('\n', new[] { _presented?.Context.TargetCertificate }.Concat(_presented?.Context.IntermediateCertificates ?? []).OfType<X509Certificate2>().Select(c => c.ExportCertificatePem())) + "\n"
        : string.Join('\n', Served.Select(kept => kept.Certificate)) + "\n";

    /// <inheritdoc />
    public IReadOnlyList<CertificateInfo> List()
    {
        var presented = _presented?.Context.TargetCertificate;
        var list = new List<CertificateInfo>();
        if (IsOperators && presented is not null)
        {
            list.Add(Describe(presented, presented.NotBefore.ToUniversalTime(), presented) with { Warning = FindWarning() });
        }

        foreach (var kept in Served)
        {
            using var certificate = X509Certificate2.CreateFromPem(kept.Certificate);
            list.Add(Describe(certificate, kept.PresentedFrom, presented));
        }

        return list;
    }

    /// <summary>What the operator has to know of a certificate of theirs that nobody renews for them; null when it is good for a while.</summary>
    public string? FindWarning()
    {
        if (!IsOperators || _presented?.Context.TargetCertificate is not { } presented)
        {
            return null;
        }

        var end = (DateTimeOffset)presented.NotAfter.ToUniversalTime();
        var now = clock.GetUtcNow();
        return end - now > _warnBefore ? null
            : $"The certificate of Events:ClientCertificate:File '{Options.File}' {(end > now ? "ends" : "ended")} at {end:yyyy-MM-dd'T'HH:mm:ss'Z'}, and endpoints refuse it from then on. "
                + "Put the next one in its place; it is read within an hour, or at once by 'signalbox certificates renew'.";
    }

    /// <summary>Takes over what the database or the operator's files hold, without making anything.</summary>
    public async Task LoadAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (!IsOperators)
            {
                _kept = await store.LoadAsync(cancellationToken);
            }

            Choose();
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Issues what is missing or ends soon, forgets what has ended, and presents the one whose time has come.</summary>
    /// <returns>The certificate that was issued; null when none was.</returns>
    public Task<KeptCertificate?> KeepAsync(CancellationToken cancellationToken) => ChangeAsync(isForced: false, atOnce: false, cancellationToken);

    /// <summary>Issues the next certificate now.</summary>
    /// <param name="atOnce">It is presented at once and the others are withdrawn: for a key that is not secret any more.</param>
    /// <param name="cancellationToken">Gives up before the change.</param>
    public async Task<KeptCertificate> RenewAsync(bool atOnce, CancellationToken cancellationToken) =>
        (await ChangeAsync(isForced: true, atOnce, cancellationToken))!;

    public void Dispose() => _gate.Dispose();

    private async Task<KeptCertificate?> ChangeAsync(bool isForced, bool atOnce, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (IsOperators)
            {
                Choose();
                return null;
            }

            var now = clock.GetUtcNow();
            var newest = Served is [.., var last] ? last : null;
            var withdrawn = _kept.Where(kept => kept.NotAfter <= now || (atOnce && !kept.IsAuthority)).ToList();
            var added = new List<KeptCertificate>();
            if (isForced || newest is null || newest.NotAfter - now <= Options.ReissueBefore)
            {
                var authority = Authorities.LastOrDefault(kept => kept.NotAfter > now + Options.Lifetime);
                if (authority is null)
                {
                    added.Add(authority = CertificateAuthority.CreateAuthority(Options.Name, now));
                }

                var presentedFrom = newest is null || atOnce || newest.NotAfter <= now ? now : Earlier(now + Options.PublishAhead, newest.NotAfter);
                added.Add(CertificateAuthority.Issue(authority, Options.Name, now, Options.Lifetime, presentedFrom));
            }

            if (added.Count > 0 || withdrawn.Count > 0)
            {
                await store.ChangeAsync(added, withdrawn);
                _kept = [.. _kept.Except(withdrawn).Concat(added).OrderBy(kept => kept.PresentedFrom)];
            }

            Choose();
            return added.LastOrDefault();
        }
        finally
        {
            _gate.Release();
        }
    }

    private void Choose()
    {
        if (IsOperators)
        {
            var writtenAt = File.GetLastWriteTimeUtc(Options.File!);
            if (_presented is null || _loaded.WrittenAt != writtenAt)
            {
                _presented = ClientIdentity.Read(Options);
                _loaded = (null, writtenAt);
            }

            return;
        }

        var now = clock.GetUtcNow();
        var chosen = Served.LastOrDefault(kept => kept.PresentedFrom <= now) ?? Served.FirstOrDefault();
        if (chosen?.Id != _loaded.Id)
        {
            _presented = chosen is null ? null : ClientIdentity.Of(chosen);
            _loaded = (chosen?.Id, default);
        }
    }

    private CertificateInfo Describe(X509Certificate2 certificate, DateTimeOffset presentedFrom, X509Certificate2? presented)
    {
        var isPresented = certificate.Thumbprint == presented?.Thumbprint;
        return new CertificateInfo
        {
            Subject = certificate.Subject,
            Serial = certificate.SerialNumber is ['0', '0', _, ..] padded ? padded[2..] : certificate.SerialNumber,
            Thumbprint = certificate.Thumbprint,
            NotAfter = certificate.NotAfter.ToUniversalTime(),
            PresentedFrom = presentedFrom,
            IsPresented = isPresented,
            IsReplaced = !isPresented && presentedFrom <= clock.GetUtcNow(),
        };
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;
}
