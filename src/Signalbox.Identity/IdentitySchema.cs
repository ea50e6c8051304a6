using Signalbox.Storage;

namespace Signalbox.Identity;

/// <summary>The room's tables.</summary>
internal static class IdentitySchema
{
    public static MigrationSet Migrations { get; } = new("identity", [
        new Migration(1, "organizations to signing keys", """
            CREATE TABLE identity_organizations (
              id TEXT NOT NULL PRIMARY KEY, name TEXT NOT NULL, ims_org_id TEXT NOT NULL UNIQUE, created_at BIGINT NOT NULL);

            CREATE TABLE identity_projects (
              id TEXT NOT NULL PRIMARY KEY, organization_id TEXT NOT NULL REFERENCES identity_organizations (id),
              name TEXT NOT NULL, title TEXT NOT NULL, created_at BIGINT NOT NULL,
              UNIQUE (organization_id, name));

            CREATE TABLE identity_workspaces (
              id TEXT NOT NULL PRIMARY KEY, project_id TEXT NOT NULL REFERENCES identity_projects (id),
              name TEXT NOT NULL, created_at BIGINT NOT NULL,
              UNIQUE (project_id, name));

            CREATE TABLE identity_credentials (
              id TEXT NOT NULL PRIMARY KEY, workspace_id TEXT NOT NULL REFERENCES identity_workspaces (id),
              client_id TEXT NOT NULL UNIQUE, name TEXT NOT NULL, technical_account_id TEXT NOT NULL,
              technical_account_email TEXT NOT NULL, created_at BIGINT NOT NULL);
            CREATE INDEX identity_credentials_workspace ON identity_credentials (workspace_id);

            CREATE TABLE identity_client_secrets (
              credential_id TEXT NOT NULL REFERENCES identity_credentials (id), number INTEGER NOT NULL,
              secret_protected TEXT NOT NULL, created_at BIGINT NOT NULL,
              PRIMARY KEY (credential_id, number));

            CREATE TABLE identity_namespaces (
              name TEXT NOT NULL PRIMARY KEY, uuid TEXT NOT NULL UNIQUE, key_protected TEXT NOT NULL,
              workspace_id TEXT NOT NULL UNIQUE REFERENCES identity_workspaces (id), created_at BIGINT NOT NULL);

            CREATE TABLE identity_signing_keys (
              place INTEGER NOT NULL PRIMARY KEY, key_id TEXT NOT NULL UNIQUE, key_protected TEXT NOT NULL,
              created_at BIGINT NOT NULL);

            CREATE TABLE identity_first_workspace (
              place INTEGER NOT NULL PRIMARY KEY CHECK (place = 1),
              workspace_id TEXT NOT NULL REFERENCES identity_workspaces (id));
            """),
        new Migration(2, "users, their sessions and links, and the audit log", """
            -- 'sign_in' is the e-mail address or name that the user types, in lower case.
            CREATE TABLE identity_users (
              id TEXT NOT NULL PRIMARY KEY, sign_in TEXT NOT NULL UNIQUE, name TEXT NOT NULL, role TEXT NOT NULL,
              password_hash TEXT, is_disabled BOOLEAN NOT NULL, created_at BIGINT NOT NULL, signed_in_at BIGINT);

            -- One link a user, good once: a new one replaces it.
            CREATE TABLE identity_user_links (
              user_id TEXT NOT NULL PRIMARY KEY REFERENCES identity_users (id), token_hash TEXT NOT NULL UNIQUE,
              expires_at BIGINT NOT NULL);

            CREATE TABLE identity_user_sessions (
              id TEXT NOT NULL PRIMARY KEY, user_id TEXT NOT NULL REFERENCES identity_users (id), token_hash TEXT NOT NULL UNIQUE,
              address TEXT NOT NULL, user_agent TEXT NOT NULL,
              created_at BIGINT NOT NULL, seen_at BIGINT NOT NULL, expires_at BIGINT NOT NULL);
            CREATE INDEX identity_user_sessions_user ON identity_user_sessions (user_id);

            CREATE TABLE identity_audit (
              audit_key {{key64}} PRIMARY KEY, at BIGINT NOT NULL, user_id TEXT NOT NULL, user_name TEXT NOT NULL,
              action TEXT NOT NULL, target TEXT NOT NULL, workspace_id TEXT, succeeded BOOLEAN NOT NULL, detail TEXT NOT NULL);
            CREATE INDEX identity_audit_user ON identity_audit (user_id, audit_key);
            CREATE INDEX identity_audit_workspace ON identity_audit (workspace_id, audit_key);
            """),
        new Migration(3, "descriptions of projects, and names of namespaces that are gone", """
            ALTER TABLE identity_projects ADD COLUMN description TEXT NOT NULL DEFAULT '';
            CREATE INDEX identity_projects_created ON identity_projects (created_at, id);

            -- A name is never given twice: activations outlive their namespace for a while.
            CREATE TABLE identity_past_namespaces (name TEXT NOT NULL PRIMARY KEY);
            """),
        new Migration(4, "users of OpenID Connect providers", """
            CREATE TABLE identity_user_logins (
              issuer TEXT NOT NULL, subject TEXT NOT NULL, user_id TEXT NOT NULL REFERENCES identity_users (id),
              PRIMARY KEY (issuer, subject));
            """),
        new Migration(5, "projects whose email alerts are paused", """
            ALTER TABLE identity_projects ADD COLUMN alerts_paused BOOLEAN NOT NULL DEFAULT FALSE;
            """),
    ]);
}
