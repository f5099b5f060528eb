-- The two roles of Encaisse, without their passwords. Run as a superuser; may be run again.
-- The owner migrates and backs up, nothing else: it passes row-level security, or a data
-- migration would update no row in silence. The application never passes it.
DO $$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'encaisse_owner') THEN
    CREATE ROLE encaisse_owner;
  END IF;
  IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'encaisse_app') THEN
    CREATE ROLE encaisse_app;
  END IF;
END
$$;
ALTER ROLE encaisse_owner LOGIN BYPASSRLS CREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION;
ALTER ROLE encaisse_app LOGIN NOBYPASSRLS NOCREATEDB NOSUPERUSER NOCREATEROLE NOREPLICATION;
ALTER ROLE encaisse_owner SET timezone TO 'UTC';
ALTER ROLE encaisse_app SET timezone TO 'UTC';
