-- What tills have asked lately, for rehearsing campaigns: without code, member, account and receipt. The newest of them are kept, as
-- many as is set.
CREATE TABLE recorded_basket
(
    seq    INTEGER PRIMARY KEY,
    basket TEXT NOT NULL -- JSON
) STRICT;
