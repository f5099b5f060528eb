from django.db import migrations

from encaisse.kit.schema import APPLICATION_ROLE, tenant_table

TABLES = ["fraud_sharedreport", "fraud_sharedappeal"]
_TENANT = "nullif(current_setting('encaisse.organization_id', true), '')::uuid"
# A report that somebody contested since it was last looked at.
_CONTESTED = """EXISTS (
      SELECT FROM fraud_sharedappeal appeal
      WHERE appeal.mark = report.mark AND appeal.created_at >= report.created_at
        AND (report.upheld_at IS NULL OR report.upheld_at < appeal.created_at))"""
# They run as the owner, who sees every firm: what they give back names none. The thresholds are
# those of fraud/core/shared.py, which a test compares with them: a caller chooses none.
WEIGHT = f"""
CREATE FUNCTION fraud_shared_weight(asked text[], at timestamptz)
RETURNS TABLE (mark text, reporters integer, reason text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  WITH heard AS (
    SELECT report.mark, report.reason, reporter.sharing_weight AS weight,
      coalesce(
        (SELECT min(member.user_id::text) FROM organizations_membership member
         WHERE member.organization_id = report.organization_id AND member.role = 'owner'),
        report.organization_id::text) AS owner
    FROM fraud_vigilance asker
    JOIN fraud_sharedreport report ON report.organization_id <> asker.organization_id
    JOIN fraud_vigilance reporter ON reporter.organization_id = report.organization_id
    WHERE asker.organization_id = {_TENANT} AND asker.sharing_since IS NOT NULL
      AND report.mark = ANY (asked) AND report.ended_at IS NULL AND report.expires_at > at
      AND reporter.sharing_since <= at - interval '30 days' AND reporter.sharing_weight > 0
      AND NOT {_CONTESTED}
  ), voices AS (
    SELECT mark, owner, max(weight) AS weight, bool_or(reason = 'disputed') AS is_disputed
    FROM heard GROUP BY mark, owner
  )
  SELECT mark, count(*)::integer,
    CASE WHEN bool_or(is_disputed) THEN 'disputed' ELSE 'reviewed' END
  FROM voices GROUP BY mark HAVING count(*) >= 2 AND sum(weight) >= 200
$$;
"""  # noqa: S608  names and conditions of our own
CONTESTED = f"""
CREATE FUNCTION fraud_shared_contested() RETURNS TABLE (report_id uuid, since timestamptz)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT report.id, (
    SELECT min(appeal.created_at) FROM fraud_sharedappeal appeal
    WHERE appeal.mark = report.mark AND appeal.created_at >= report.created_at
      AND (report.upheld_at IS NULL OR report.upheld_at < appeal.created_at))
  FROM fraud_sharedreport report
  WHERE report.organization_id = {_TENANT} AND report.ended_at IS NULL AND {_CONTESTED}
$$;
"""  # noqa: S608  names and conditions of our own
# Only of what this very firm had contested: whether somebody must still look.
UNDER_REVIEW = f"""
CREATE FUNCTION fraud_shared_under_review(at timestamptz) RETURNS TABLE (mark text)
LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp AS $$
  SELECT DISTINCT report.mark FROM fraud_sharedreport report
  WHERE report.ended_at IS NULL AND report.expires_at > at AND {_CONTESTED}
    AND report.mark IN (
      SELECT mine.mark FROM fraud_sharedappeal mine WHERE mine.organization_id = {_TENANT})
$$;
"""  # noqa: S608  names and conditions of our own
_FUNCTIONS = {
    "fraud_shared_weight(text[], timestamptz)": WEIGHT,
    "fraud_shared_contested()": CONTESTED,
    "fraud_shared_under_review(timestamptz)": UNDER_REVIEW,
}


def _function(name: str, body: str) -> migrations.RunSQL:
    return migrations.RunSQL(
        [
            body,
            f"REVOKE ALL ON FUNCTION {name} FROM PUBLIC",
            f"GRANT EXECUTE ON FUNCTION {name} TO {APPLICATION_ROLE}",
        ],
        f"DROP FUNCTION {name}",
    )


class Migration(migrations.Migration):
    dependencies = [
        ("fraud", "0004_shared_list"),
        ("kit", "0002_guards"),
        ("organizations", "0001_initial"),
    ]
    operations = [
        *(tenant_table(table) for table in TABLES),
        # What counts no more is forgotten, one's own only; an appeal is never rewritten.
        migrations.RunSQL(
            [
                *(f"REVOKE TRUNCATE ON {table} FROM {APPLICATION_ROLE}" for table in TABLES),
                f"REVOKE UPDATE ON fraud_sharedappeal FROM {APPLICATION_ROLE}",
            ],
            f"GRANT UPDATE ON fraud_sharedappeal TO {APPLICATION_ROLE}",
        ),
        *(_function(name, body) for name, body in _FUNCTIONS.items()),
    ]
