-- Phones and birth dates that so many members have that they prove nothing: found by each import in the registry as it is
-- after it. Looked up by the newest applied import; until one has been applied by a program that knows this table, it is empty.
CREATE TABLE registry_shared (
    import_id INTEGER NOT NULL,
    hash      TEXT NOT NULL, -- keyed, as in registry_row
    PRIMARY KEY (import_id, hash)
) WITHOUT ROWID, STRICT;
