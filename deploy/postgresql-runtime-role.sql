-- What the role of the running service may do: run by the owner of the tables after every "migrate". Nothing here lets it
-- change a table, and it only reads OrleansQuery: whoever writes there decides what the service executes.
--
--   CREATE ROLE coopline LOGIN PASSWORD '…';
--   psql "$OWNER_CONNECTION" -f deploy/postgresql-runtime-role.sql

GRANT USAGE ON SCHEMA public TO coopline;
GRANT SELECT ON schemaversions, OrleansQuery TO coopline;
GRANT SELECT, INSERT, UPDATE, DELETE ON OrleansStorage TO coopline; -- DELETE: old link sessions and coupon codes, people who are erased
GRANT SELECT, INSERT ON ledger TO coopline;
GRANT UPDATE (id, member, account, amends, reason, identity_check) ON ledger TO coopline; -- a trigger lets pseudonyms through, nothing else
GRANT SELECT, INSERT, UPDATE ON erased_member TO coopline;
GRANT SELECT, INSERT ON erased_use TO coopline;
GRANT SELECT, INSERT, UPDATE ON campaign_count TO coopline;
GRANT SELECT, INSERT, DELETE ON campaign_member TO coopline;
GRANT SELECT, INSERT, DELETE ON recorded_basket TO coopline;
GRANT SELECT, INSERT, UPDATE ON send_plan, send_block, send_person TO coopline;
GRANT SELECT, INSERT ON send_month TO coopline;
GRANT SELECT ON standing_uses, linked_members, line_accounts, campaigns TO coopline;
GRANT SELECT, INSERT, UPDATE, DELETE ON OrleansMembershipTable TO coopline;
GRANT SELECT, INSERT, UPDATE ON OrleansMembershipVersionTable TO coopline;
GRANT SELECT, INSERT, UPDATE ON registry_import TO coopline;
GRANT SELECT, INSERT, UPDATE, DELETE ON registry_row TO coopline;
GRANT SELECT, INSERT, DELETE ON registry_shared TO coopline;
GRANT SELECT ON registry, registry_replacement TO coopline;
GRANT SELECT, INSERT ON data_protection_key TO coopline;
