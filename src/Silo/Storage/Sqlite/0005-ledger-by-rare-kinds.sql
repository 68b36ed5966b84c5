-- Nearly every row is a use. Without statistics SQLite took this index to look for the uses of a receipt or of a member,
-- that is, all uses there are: the longer the ledger, the slower every redemption and every coupon page. A kind is looked
-- for by itself only when it is a rare one. SQLite sees that from a query that says so with the same words.
DROP INDEX ledger_kind;
CREATE INDEX ledger_rare_kind ON ledger (kind) WHERE kind <> 'used';
