-- What the application may do in the database. Run as a superuser inside it; may be run again.
-- Migrations then take rights away where a table must not change (journal, audit, inbox).
REVOKE ALL ON DATABASE encaisse FROM PUBLIC;
GRANT CONNECT ON DATABASE encaisse TO encaisse_app;
ALTER SCHEMA public OWNER TO encaisse_owner;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT USAGE ON SCHEMA public TO encaisse_app;
ALTER DEFAULT PRIVILEGES FOR ROLE encaisse_owner IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO encaisse_app;
ALTER DEFAULT PRIVILEGES FOR ROLE encaisse_owner IN SCHEMA public
  GRANT USAGE, SELECT ON SEQUENCES TO encaisse_app;
ALTER DEFAULT PRIVILEGES FOR ROLE encaisse_owner IN SCHEMA public
  GRANT EXECUTE ON FUNCTIONS TO encaisse_app;
