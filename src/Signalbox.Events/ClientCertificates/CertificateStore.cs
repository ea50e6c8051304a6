using Dapper;
using Signalbox.Storage;

namespace Signalbox.Events.ClientCertificates;

/// <summary>The table <c>client_certificates</c>: the built-in authority and what it issued, until it expires.</summary>
internal sealed class CertificateStore(Database database, SecretProtector secrets)
{
    private const string Purpose = "events.client-certificate";

    /// <summary>Oldest first.</summary>
    public async Task<IReadOnlyList<KeptCertificate>> LoadAsync(CancellationToken cancellationToken)
    {
        await using var connection = await database.OpenAsync(cancellationToken);
        var rows = await connection.QueryAsync<Row>(new CommandDefinition(
            """
            SELECT certificate_id AS CertificateId, is_authority AS IsAuthority, certificate AS Certificate,
              private_key AS PrivateKey, presented_from AS PresentedFrom, not_after AS NotAfter
            FROM client_certificates ORDER BY presented_from
            """,
            cancellationToken: cancellationToken));
        return
        [
            .. rows.Select(row => new KeptCertificate
            {
                Id = Guid.Parse(row.CertificateId),
                IsAuthority = row.IsAuthority,
                Certificate = row.Certificate,
                PrivateKey = secrets.Unprotect(Purpose, row.PrivateKey),
                PresentedFrom = DateTimeOffset.FromUnixTimeMilliseconds(row.PresentedFrom),
                NotAfter = DateTimeOffset.FromUnixTimeMilliseconds(row.NotAfter),
            }),
        ];
    }

    /// <summary>Adds some and removes others in one commit.</summary>
    public Task ChangeAsync(IReadOnlyList<KeptCertificate> added, IReadOnlyList<KeptCertificate> removed) => database.WriteAsync(session =>
    {
        foreach (var certificate in added)
        {
            session.ExecutePrepared(
                """
                INSERT INTO client_certificates (certificate_id, is_authority, certificate, private_key, presented_from, not_after)
                VALUES (@id, @isAuthority, @certificate, @privateKey, @presentedFrom, @notAfter)
                """,
                ("id", certificate.Id.ToString("D")), ("isAuthority", certificate.IsAuthority), ("certificate", certificate.Certificate),
                ("privateKey", secrets.Protect(Purpose, certificate.PrivateKey)),
                ("presentedFrom", certificate.PresentedFrom.ToUnixTimeMilliseconds()), ("notAfter", certificate.NotAfter.ToUnixTimeMilliseconds()));
        }

        foreach (var certificate in removed)
        {
            session.ExecutePrepared("DELETE FROM client_certificates WHERE certificate_id = @id", ("id", certificate.Id.ToString("D")));
        }
    });

    private sealed class Row
    {
        public string CertificateId { get; init; } = "";
        public bool IsAuthority { get; init; }
        public string Certificate { get; init; } = "";
        public string PrivateKey { get; init; } = "";
        public long PresentedFrom { get; init; }
        public long NotAfter { get; init; }
    }
}
