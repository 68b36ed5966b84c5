-- LINE's first answer of a month: what was handed over since then is added to it, in whichever process.
CREATE TABLE send_month
(
    month    text   PRIMARY KEY, -- 2026-12, in Japan
    asked_at bigint NOT NULL,    -- milliseconds since 1970
    used     bigint NOT NULL
);

-- When blocks could be closed for the first time, or again: in that order messages use the month.
ALTER TABLE send_plan ADD COLUMN opened_at bigint NOT NULL DEFAULT 0; -- milliseconds since 1970
