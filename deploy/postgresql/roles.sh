#!/bin/sh
# Run by PostgreSQL's image once, when the data folder is new: the role of the running service. What it may do is said after
# each migration, by postgresql-runtime-role.sql.
set -eu
psql -v ON_ERROR_STOP=1 -v password="$COOPLINE_DB_PASSWORD" --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" <<'SQL'
CREATE ROLE coopline LOGIN PASSWORD :'password';
SQL
