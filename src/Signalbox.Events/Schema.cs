using Signalbox.Storage;

namespace Signalbox.Events;

/// <summary>The tables of the events room; one place, because an event's way crosses them.</summary>
internal static class Schema
{
    public static MigrationSet Migrations { get; } = new("events", [
        new Migration(1, "providers, registrations, event log, deliveries, traces, signing keys", """
            -- 'event_seq' numbers events in the order of their commits: the row's lock makes allocation and commit one.
            CREATE TABLE counters (name TEXT PRIMARY KEY, value BIGINT NOT NULL);
            INSERT INTO counters (name, value) VALUES ('event_seq', 0), ('registration_key', 0);

            CREATE TABLE providers (
              id TEXT PRIMARY KEY,
              organization_id TEXT NOT NULL, project_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
              provider_metadata TEXT NOT NULL, instance_id TEXT NOT NULL, name TEXT NOT NULL,
              label TEXT NOT NULL, description TEXT NOT NULL, docs_url TEXT, publisher TEXT NOT NULL,
              data_residency_region TEXT NOT NULL, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
              UNIQUE (organization_id, provider_metadata, instance_id));

            CREATE TABLE event_metadata (
              provider_id TEXT NOT NULL REFERENCES providers (id) ON DELETE CASCADE,
              event_code TEXT NOT NULL, label TEXT NOT NULL, description TEXT NOT NULL,
              sample_event_template TEXT, created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL,
              PRIMARY KEY (provider_id, event_code));

            -- A deleted registration stays until the last of its retries has ended.
            CREATE TABLE registrations (
              registration_key {{key64}} PRIMARY KEY,
              registration_id TEXT NOT NULL UNIQUE,
              organization_id TEXT NOT NULL, project_id TEXT NOT NULL, workspace_id TEXT NOT NULL,
              client_id TEXT NOT NULL, credential_id TEXT NOT NULL,
              name TEXT NOT NULL, description TEXT NOT NULL,
              delivery_type TEXT NOT NULL, webhook_url TEXT, runtime_action TEXT, handler_suffix TEXT,
              handler_pending BOOLEAN NOT NULL DEFAULT FALSE,
              enabled BOOLEAN NOT NULL, webhook_status TEXT NOT NULL,
              created_at BIGINT NOT NULL, updated_at BIGINT NOT NULL, deleted_at BIGINT);
            CREATE UNIQUE INDEX registrations_name ON registrations (workspace_id, name) WHERE deleted_at IS NULL;
            CREATE INDEX registrations_client ON registrations (client_id) WHERE deleted_at IS NULL;
            CREATE INDEX registrations_organization ON registrations (organization_id, registration_key) WHERE deleted_at IS NULL;

            CREATE TABLE interests (
              registration_key BIGINT NOT NULL, position INTEGER NOT NULL,
              provider_id TEXT NOT NULL, event_code TEXT NOT NULL,
              PRIMARY KEY (registration_key, provider_id, event_code));

            -- The event as published, without what is added for each recipient.
            CREATE TABLE events (
              event_seq {{key64}} PRIMARY KEY, event_id TEXT NOT NULL,
              provider_id TEXT NOT NULL, event_code TEXT NOT NULL,
              payload BYTEA NOT NULL, trace_parent TEXT, received_at BIGINT NOT NULL);
            CREATE UNIQUE INDEX events_event_id ON events (event_id);
            CREATE INDEX events_received_at ON events (received_at);

            CREATE TABLE journal (
              registration_key BIGINT NOT NULL, event_seq BIGINT NOT NULL, received_at BIGINT NOT NULL,
              PRIMARY KEY (registration_key, event_seq));

            -- The last position of each journal that has expired: a reader that stands before it has missed events.
            CREATE TABLE journal_expiry (registration_key BIGINT PRIMARY KEY, expired_seq BIGINT NOT NULL);

            -- Work that is owed. A row goes when its delivery succeeded or ended for good.
            CREATE TABLE deliveries (
              registration_key BIGINT NOT NULL, event_seq BIGINT NOT NULL,
              retry_count INTEGER NOT NULL DEFAULT 0,
              first_attempt_at BIGINT, next_attempt_at BIGINT NOT NULL,
              claimed_by TEXT, claimed_until BIGINT,
              PRIMARY KEY (registration_key, event_seq));
            CREATE INDEX deliveries_due ON deliveries (next_attempt_at);
            CREATE INDEX deliveries_registration_due ON deliveries (registration_key, next_attempt_at, event_seq);

            CREATE TABLE traces (
              trace_key {{key64}} PRIMARY KEY, registration_key BIGINT NOT NULL,
              delivery_id TEXT NOT NULL, event_code TEXT NOT NULL, is_success BOOLEAN NOT NULL,
              attempted_at BIGINT NOT NULL, document BYTEA NOT NULL);
            CREATE INDEX traces_registration ON traces (registration_key, is_success, trace_key);
            CREATE INDEX traces_attempted_at ON traces (attempted_at);

            CREATE TABLE signing_keys (
              key_id TEXT PRIMARY KEY, slot INTEGER NOT NULL, private_key TEXT NOT NULL, public_key TEXT NOT NULL,
              created_at BIGINT NOT NULL, retired_at BIGINT);
            CREATE UNIQUE INDEX signing_keys_slot ON signing_keys (slot) WHERE retired_at IS NULL;
            """),
        new Migration(2, "notices to administrators", """
            -- A row goes when its channel took the notice or it was given up.
            CREATE TABLE notices (
              notice_id TEXT NOT NULL, channel TEXT NOT NULL, organization_id TEXT NOT NULL,
              document TEXT NOT NULL, created_at BIGINT NOT NULL,
              attempts INTEGER NOT NULL DEFAULT 0, next_attempt_at BIGINT NOT NULL,
              PRIMARY KEY (notice_id, channel));
            CREATE INDEX notices_due ON notices (next_attempt_at);

            -- When an organization last got a message: the pace of the next ones.
            CREATE TABLE notice_messages (
              organization_id TEXT NOT NULL, channel TEXT NOT NULL, sent_at BIGINT NOT NULL,
              PRIMARY KEY (organization_id, channel));
            """),
        new Migration(3, "statuses by attempts, and their history", """
            -- Attempts and status changes of a registration. 'measured_since' is when its count was started anew.
            ALTER TABLE registrations ADD COLUMN measured_since BIGINT;

            CREATE TABLE attempt_counts (
              registration_key BIGINT NOT NULL, measured_since BIGINT NOT NULL, step BIGINT NOT NULL,
              attempts BIGINT NOT NULL, failures BIGINT NOT NULL,
              PRIMARY KEY (registration_key, measured_since, step));
            CREATE INDEX attempt_counts_step ON attempt_counts (step);

            CREATE TABLE status_changes (
              registration_key BIGINT NOT NULL, change_number BIGINT NOT NULL, changed_at BIGINT NOT NULL,
              from_status TEXT, to_status TEXT NOT NULL, enabled BOOLEAN NOT NULL, reason TEXT NOT NULL,
              attempts BIGINT, failures BIGINT,
              PRIMARY KEY (registration_key, change_number));
            """),
        new Migration(4, "pace and order of a registration, signatures kept for retries", """
            ALTER TABLE registrations ADD COLUMN delivery_rate_per_second INTEGER;
            ALTER TABLE registrations ADD COLUMN ordered_delivery BOOLEAN NOT NULL DEFAULT FALSE;
            ALTER TABLE deliveries ADD COLUMN signatures TEXT;
            """),
        new Migration(5, "dead letters and replays", """
            -- Deliveries that ended without success. The key is in the order of time; the event is kept as long as the row.
            CREATE TABLE dead_letters (
              dead_letter_key {{key64}} PRIMARY KEY,
              registration_key BIGINT NOT NULL, event_seq BIGINT NOT NULL,
              reason TEXT NOT NULL, last_code INTEGER, attempts INTEGER NOT NULL,
              first_attempt_at BIGINT, dead_at BIGINT NOT NULL, last_delivery_id TEXT, replay_id TEXT);
            CREATE UNIQUE INDEX dead_letters_event ON dead_letters (event_seq, registration_key);
            CREATE INDEX dead_letters_registration ON dead_letters (registration_key, dead_letter_key);
            CREATE INDEX dead_letters_reason ON dead_letters (registration_key, reason, dead_letter_key);

            -- How many of a registration's dead letters were dropped because there were too many.
            CREATE TABLE dead_letter_drops (registration_key BIGINT PRIMARY KEY, dropped BIGINT NOT NULL);

            -- 'position' is the last journal position or dead letter that was looked at; it moves in the commit of the
            -- deliveries that it owes.
            CREATE TABLE replays (
              replay_key {{key64}} PRIMARY KEY, replay_id TEXT NOT NULL UNIQUE, registration_key BIGINT NOT NULL,
              kind TEXT NOT NULL, asked TEXT NOT NULL, reason TEXT, state TEXT NOT NULL,
              position BIGINT NOT NULL, until_position BIGINT NOT NULL, total BIGINT NOT NULL,
              queued BIGINT NOT NULL, skipped BIGINT NOT NULL, failed BIGINT NOT NULL,
              created_at BIGINT NOT NULL, ended_at BIGINT);
            CREATE INDEX replays_registration ON replays (registration_key, replay_key);

            ALTER TABLE deliveries ADD COLUMN replay_id TEXT;
            CREATE INDEX deliveries_replay ON deliveries (replay_id) WHERE replay_id IS NOT NULL;
            """),
        new Migration(6, "attempts, for the stories of events", """
            -- Of each series the first retries and the latest ones; rows go together with their event.
            CREATE TABLE attempts (
              event_seq BIGINT NOT NULL, registration_key BIGINT NOT NULL, series_at BIGINT NOT NULL, slot INTEGER NOT NULL,
              attempted_at BIGINT NOT NULL, retry_count INTEGER NOT NULL, delivery_id TEXT NOT NULL,
              code INTEGER NOT NULL, duration_ms BIGINT NOT NULL, activation_id TEXT,
              PRIMARY KEY (event_seq, registration_key, series_at, slot));
            """),
        new Migration(7, "validation URLs and client certificates", """
            -- The newest asynchronous challenge of a registration; of its secret only the hash.
            CREATE TABLE validations (
              registration_key BIGINT PRIMARY KEY, webhook_url TEXT NOT NULL, challenge_hash TEXT NOT NULL,
              expires_at BIGINT NOT NULL, validated_at BIGINT);

            CREATE TABLE client_certificates (
              certificate_id TEXT PRIMARY KEY, is_authority BOOLEAN NOT NULL, certificate TEXT NOT NULL,
              private_key TEXT NOT NULL, presented_from BIGINT NOT NULL, not_after BIGINT NOT NULL);
            """),
        new Migration(8, "filters of registrations", """
            CREATE TABLE subscriber_filters (
              registration_key BIGINT PRIMARY KEY REFERENCES registrations (registration_key) ON DELETE CASCADE,
              filter_id TEXT NOT NULL, name TEXT NOT NULL, description TEXT NOT NULL, filter_text TEXT NOT NULL);
            """),
        new Migration(9, "traffic of workspaces, minute by minute", """
            CREATE TABLE traffic_minutes (
              workspace_id TEXT NOT NULL, minute BIGINT NOT NULL, published BIGINT NOT NULL, delivered BIGINT NOT NULL,
              attempts BIGINT NOT NULL, failures BIGINT NOT NULL, slow BIGINT NOT NULL, duration_ms BIGINT NOT NULL,
              PRIMARY KEY (workspace_id, minute));
            CREATE INDEX traffic_minutes_minute ON traffic_minutes (minute);
            """),
        new Migration(10, "sources and ids of published events", """
            -- A hash of the event's source and id. The index grows at its end, and the window of deduplication is read from it
            -- without touching the events.
            ALTER TABLE events ADD COLUMN published_key BYTEA;
            DROP INDEX events_received_at;
            CREATE INDEX events_received_at ON events (received_at, published_key);
            """),
        new Migration(11, "destinations of Amazon EventBridge", """
            ALTER TABLE registrations ADD COLUMN aws_region TEXT;
            ALTER TABLE registrations ADD COLUMN aws_account_id TEXT;
            """),
        new Migration(12, "traces that are listed and filtered without reading their documents", """
            -- Traces live for a week and are for looking at: those without the columns go. The document stands last, so
            -- that a list does not read past it.
            DROP TABLE traces;
            CREATE TABLE traces (
              trace_key {{key64}} PRIMARY KEY, registration_key BIGINT NOT NULL,
              delivery_id TEXT NOT NULL, event_code TEXT NOT NULL, provider TEXT NOT NULL,
              code INTEGER NOT NULL, retry_count INTEGER NOT NULL, duration_ms BIGINT NOT NULL,
              is_success BOOLEAN NOT NULL, attempted_at BIGINT NOT NULL, document BYTEA NOT NULL);
            CREATE INDEX traces_registration ON traces (registration_key, is_success, trace_key);
            CREATE INDEX traces_attempted_at ON traces (attempted_at);
            """),
        new Migration(13, "results of challenges", """
            -- What came of each registration's newest challenge.
            CREATE TABLE challenge_results (
              registration_key BIGINT PRIMARY KEY, known_at BIGINT NOT NULL, result TEXT NOT NULL, explanation TEXT NOT NULL);
            """),
        new Migration(14, "dead letters and replays in the stories of events", """
            -- What became of dead letters that are none any more; rows go together with their event.
            CREATE TABLE dead_letter_ends (
              event_seq BIGINT NOT NULL, registration_key BIGINT NOT NULL, dead_letter_key BIGINT NOT NULL,
              reason TEXT NOT NULL, last_code INTEGER, attempts INTEGER NOT NULL, dead_at BIGINT NOT NULL,
              ending TEXT NOT NULL, ended_at BIGINT NOT NULL, ended_by TEXT,
              PRIMARY KEY (event_seq, registration_key, dead_letter_key));

            ALTER TABLE attempts ADD COLUMN replay_id TEXT;
            """),
        new Migration(15, "one index less on deliveries", """
            -- What falls due next is found registration by registration. PostgreSQL chose this one to read a registration's
            -- rows with, and sorted them.
            DROP INDEX deliveries_due;
            """),
        new Migration(16, "pauses that endpoints asked for", """
            CREATE TABLE delivery_pauses (registration_key BIGINT PRIMARY KEY, paused_until BIGINT NOT NULL);
            """),
        new Migration(17, "webhook URLs that answered a challenge", """
            ALTER TABLE registrations ADD COLUMN proven_url TEXT;
            -- Of those whose newest challenge failed nobody knows any more; their retries go on.
            UPDATE registrations SET proven_url = webhook_url;
            """),
        new Migration(18, "times of replayed ranges", """
            -- Between the first and the last event of a range stand others when the clock was set back meanwhile.
            ALTER TABLE replays ADD COLUMN received_from BIGINT;
            ALTER TABLE replays ADD COLUMN received_before BIGINT;
            """),
        new Migration(19, "replays that have not ended", """
            -- They are looked for several times a second, among those of a week.
            CREATE INDEX replays_active ON replays (replay_key) WHERE ended_at IS NULL;
            """),
    ]);
}
