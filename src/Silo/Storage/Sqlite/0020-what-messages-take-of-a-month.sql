-- LINE's first answer of a month: what was handed over since then is added to it, in whichever process.
CREATE TABLE send_month
(
    month    TEXT    NOT NULL PRIMARY KEY, -- 2026-12, in Japan
    asked_at INTEGER NOT NULL, -- milliseconds since 1970
    used     INTEGER NOT NULL
);

-- When blocks could be closed for the first time, or again: in that order messages use the month.
ALTER TABLE send_plan ADD COLUMN opened_at INTEGER NOT NULL DEFAULT 0; -- milliseconds since 1970
