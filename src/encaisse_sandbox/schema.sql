-- The simulated world. Moments are UTC texts of fixed width; amounts are integers of minor units.

CREATE TABLE IF NOT EXISTS counters (name TEXT PRIMARY KEY, value INTEGER NOT NULL);

CREATE TABLE IF NOT EXISTS settings (name TEXT PRIMARY KEY, value TEXT NOT NULL);

CREATE TABLE IF NOT EXISTS accounts (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    siren TEXT,
    api_key_digest TEXT NOT NULL UNIQUE,
    created_at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS bank_accounts (
    id TEXT PRIMARY KEY,  -- the IBAN
    account_id TEXT NOT NULL REFERENCES accounts (id),
    bic TEXT NOT NULL,
    holder_name TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS bank_accounts_by_account ON bank_accounts (account_id);

CREATE TABLE IF NOT EXISTS bank_transactions (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    iban TEXT NOT NULL REFERENCES bank_accounts (id),
    booked_at TEXT NOT NULL,
    booked_date TEXT NOT NULL,  -- the day in Paris
    amount INTEGER NOT NULL CHECK (amount <> 0),
    currency TEXT NOT NULL,
    remittance TEXT NOT NULL,
    counterparty_name TEXT,
    counterparty_iban TEXT,
    end_to_end_id TEXT,
    code TEXT NOT NULL  -- ISO 20022 domain-family-subfamily
);
CREATE INDEX IF NOT EXISTS bank_transactions_by_day ON bank_transactions (iban, booked_date);

CREATE TABLE IF NOT EXISTS payments (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    token TEXT NOT NULL UNIQUE,
    status TEXT NOT NULL,
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    method TEXT NOT NULL,
    capture TEXT NOT NULL,
    reference TEXT NOT NULL,
    description TEXT NOT NULL,
    return_url TEXT NOT NULL,
    cancel_url TEXT NOT NULL,
    locale TEXT NOT NULL,
    max_attempts INTEGER NOT NULL,
    three_d_secure TEXT NOT NULL DEFAULT 'automatic',
    payee_name TEXT,
    payee_iban TEXT,
    amount_captured INTEGER NOT NULL DEFAULT 0 CHECK (amount_captured BETWEEN 0 AND amount),
    amount_refunded INTEGER NOT NULL DEFAULT 0
        CHECK (amount_refunded BETWEEN 0 AND amount_captured),
    card TEXT,            -- JSON, never the number nor the CVC
    payer_bank TEXT,      -- JSON
    payer_iban TEXT,
    authentication TEXT,  -- JSON
    decline TEXT,         -- JSON
    attempts TEXT NOT NULL DEFAULT '[]',  -- JSON
    behaviour TEXT NOT NULL DEFAULT 'approve',
    cancellation_reason TEXT,
    created_at TEXT NOT NULL,
    expires_at TEXT NOT NULL,
    authorized_at TEXT,
    captured_at TEXT,
    due_at TEXT,          -- when something happens by itself: expiry, funds, end of authorization
    dispute_due_at TEXT,
    updated_at TEXT NOT NULL,
    updated_sequence INTEGER NOT NULL UNIQUE
);
CREATE INDEX IF NOT EXISTS payments_by_update ON payments (account_id, updated_sequence);
CREATE INDEX IF NOT EXISTS payments_by_reference ON payments (account_id, reference);
CREATE INDEX IF NOT EXISTS payments_by_due ON payments (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX IF NOT EXISTS payments_by_dispute ON payments (dispute_due_at)
    WHERE dispute_due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS challenges (
    id TEXT PRIMARY KEY,
    payment_id TEXT NOT NULL REFERENCES payments (id),
    kind TEXT NOT NULL,       -- card or bank
    state TEXT NOT NULL,      -- open, passed, failed
    behaviour TEXT NOT NULL,
    instrument TEXT NOT NULL, -- JSON: the card or the bank account it is about
    code TEXT NOT NULL,
    wrong_codes INTEGER NOT NULL DEFAULT 0,
    created_at TEXT NOT NULL,
    way TEXT NOT NULL DEFAULT 'sms',     -- sms, app, biometrics or push
    secret TEXT NOT NULL DEFAULT '',     -- hexadecimal: key of the app's code, or what is signed
    expires_at TEXT NOT NULL DEFAULT ''  -- until when what was asked last is good
);

CREATE TABLE IF NOT EXISTS devices (
    id TEXT PRIMARY KEY,       -- hexadecimal, of the credential
    site TEXT NOT NULL,        -- the name it is bound to
    credential TEXT NOT NULL,  -- hexadecimal: identifier and public key
    signatures INTEGER NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS devices_by_site ON devices (site, created_at);

CREATE TABLE IF NOT EXISTS refunds (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    payment_id TEXT NOT NULL REFERENCES payments (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    due_at TEXT,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS refunds_by_payment ON refunds (payment_id);
CREATE INDEX IF NOT EXISTS refunds_by_due ON refunds (due_at) WHERE due_at IS NOT NULL;

CREATE TABLE IF NOT EXISTS disputes (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    payment_id TEXT NOT NULL REFERENCES payments (id),
    amount INTEGER NOT NULL CHECK (amount > 0),
    currency TEXT NOT NULL,
    reason TEXT NOT NULL,
    status TEXT NOT NULL,
    fee INTEGER NOT NULL,
    evidence_due_by TEXT NOT NULL,
    created_at TEXT NOT NULL,
    updated_at TEXT NOT NULL,
    evidence_sha256 TEXT
);
CREATE INDEX IF NOT EXISTS disputes_by_payment ON disputes (payment_id);

CREATE TABLE IF NOT EXISTS balance_items (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    kind TEXT NOT NULL,
    object_id TEXT NOT NULL,
    payment_id TEXT NOT NULL,
    gross INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    created_at TEXT NOT NULL,
    payout_id TEXT
);
CREATE INDEX IF NOT EXISTS balance_items_open ON balance_items (account_id, created_at)
    WHERE payout_id IS NULL;
CREATE INDEX IF NOT EXISTS balance_items_by_payout ON balance_items (payout_id);

CREATE TABLE IF NOT EXISTS payouts (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    gross INTEGER NOT NULL,
    fee INTEGER NOT NULL,
    currency TEXT NOT NULL,
    status TEXT NOT NULL,
    bank_reference TEXT NOT NULL UNIQUE,
    paid_at TEXT NOT NULL,
    updated_at TEXT NOT NULL
);

CREATE TABLE IF NOT EXISTS idempotent_answers (
    account_id TEXT NOT NULL,
    key TEXT NOT NULL,
    request_digest TEXT NOT NULL,
    status INTEGER NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL,
    PRIMARY KEY (account_id, key)
);

CREATE TABLE IF NOT EXISTS endpoints (
    id TEXT PRIMARY KEY,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    url TEXT NOT NULL,
    secret TEXT NOT NULL,
    created_at TEXT NOT NULL,
    deleted_at TEXT
);
CREATE INDEX IF NOT EXISTS endpoints_by_account ON endpoints (account_id);

CREATE TABLE IF NOT EXISTS events (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    account_id TEXT NOT NULL REFERENCES accounts (id),
    type TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS events_by_account ON events (account_id, sequence);

CREATE TABLE IF NOT EXISTS deliveries (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    event_id TEXT NOT NULL REFERENCES events (id),
    endpoint_id TEXT NOT NULL REFERENCES endpoints (id),
    state TEXT NOT NULL,  -- pending, delivered, failed, dropped
    attempts TEXT NOT NULL DEFAULT '[]',  -- JSON
    next_attempt_at TEXT,
    flushable_at TEXT
);
CREATE INDEX IF NOT EXISTS deliveries_pending ON deliveries (next_attempt_at)
    WHERE state = 'pending';
CREATE INDEX IF NOT EXISTS deliveries_by_event ON deliveries (event_id);

CREATE TABLE IF NOT EXISTS chaos_rules (
    id TEXT PRIMARY KEY,
    account_id TEXT,
    rule TEXT NOT NULL,  -- JSON
    remaining INTEGER
);

CREATE TABLE IF NOT EXISTS messages (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    recipient TEXT NOT NULL,
    text TEXT NOT NULL,
    sent_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS messages_by_recipient ON messages (recipient, sequence);

CREATE TABLE IF NOT EXISTS push_browsers (
    id TEXT PRIMARY KEY,
    token TEXT NOT NULL UNIQUE,
    private_key TEXT NOT NULL,  -- hexadecimal, of a simulated browser
    auth TEXT NOT NULL,
    application_key TEXT NOT NULL,
    is_gone INTEGER NOT NULL DEFAULT 0
);

CREATE TABLE IF NOT EXISTS push_messages (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    browser_id TEXT NOT NULL REFERENCES push_browsers (id),
    text TEXT NOT NULL,
    life_seconds INTEGER NOT NULL,
    topic TEXT NOT NULL,
    sent_at TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS push_messages_by_browser ON push_messages (browser_id, sequence);

CREATE TABLE IF NOT EXISTS mails (
    id TEXT PRIMARY KEY,
    sequence INTEGER NOT NULL UNIQUE,
    sender TEXT NOT NULL,
    recipients TEXT NOT NULL,  -- JSON
    raw BLOB NOT NULL,
    received_at TEXT NOT NULL
);
