-- What a till call needs when it is written by hand: one row for each coupon code, one use for each coupon and receipt.

CREATE TABLE member
(
    number     text COLLATE "C" PRIMARY KEY,
    account    text COLLATE "C", -- null: not linked
    active     boolean NOT NULL,
    businesses text[]  NOT NULL
);

CREATE TABLE campaign
(
    id                     text COLLATE "C" PRIMARY KEY,
    yen_off                integer     NOT NULL,
    jans                   text[]      NOT NULL,
    categories             text[]      NOT NULL,
    stores                 text[]      NOT NULL,
    businesses             text[]      NOT NULL,
    starts_at              timestamptz NOT NULL,
    ends_at                timestamptz NOT NULL,
    stopped                boolean     NOT NULL,
    allow_unknown_markdown boolean     NOT NULL
);

CREATE TABLE coupon_code
(
    code       text COLLATE "C" PRIMARY KEY,
    member     text COLLATE "C" NOT NULL,
    account    text COLLATE "C" NOT NULL,
    campaign   text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL
);

CREATE TABLE redemption
(
    receipt      text COLLATE "C" PRIMARY KEY,
    request_hash bytea       NOT NULL,
    member       text COLLATE "C" NOT NULL,
    campaign     text COLLATE "C" NOT NULL,
    account      text COLLATE "C" NOT NULL,
    at           timestamptz NOT NULL,
    line         integer     NOT NULL,
    yen          integer     NOT NULL,
    trace_id     text        NOT NULL,
    UNIQUE (member, campaign)
);

CREATE TABLE ledger
(
    seq      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind     text        NOT NULL,
    at       timestamptz NOT NULL,
    campaign text        NOT NULL,
    member   text COLLATE "C" NOT NULL,
    account  text        NOT NULL,
    store    text        NOT NULL,
    receipt  text        NOT NULL,
    line     integer     NOT NULL,
    yen      integer     NOT NULL,
    actor    text        NOT NULL,
    trace_id text        NOT NULL
);

CREATE INDEX ledger_member ON ledger (member, seq);

-- The whole transaction in one call. The rules were checked for the campaign that the code names, in the program; here
-- is what only the database knows. One row comes back: what was done, or why not.
CREATE FUNCTION redeem(
    p_code text, p_receipt text, p_hash bytea, p_store text, p_purchased_at timestamptz,
    p_lines integer[], p_jans text[], p_categories text[], p_prices integer[], p_markdowns text[], p_trace text)
    RETURNS TABLE (outcome text, used_campaign text, used_line integer, used_yen integer, used_trace text)
    LANGUAGE plpgsql AS $body$
DECLARE
    offer   record;
    earlier record;
    best    record;
BEGIN
    SELECT code.member, code.account, code.campaign, code.expires_at,
           member.account AS linked, member.active, member.businesses AS services,
           campaign.yen_off, campaign.jans, campaign.categories, campaign.stores, campaign.businesses,
           campaign.starts_at, campaign.ends_at, campaign.stopped, campaign.allow_unknown_markdown
    INTO offer
    FROM coupon_code AS code
    JOIN member ON member.number = code.member
    JOIN campaign ON campaign.id = code.campaign
    WHERE code.code = p_code;

    IF NOT FOUND THEN
        RETURN QUERY VALUES ('codeUnknown', NULL, 0, 0, p_trace);
        RETURN;
    END IF;

    SELECT item.line, least(item.price, offer.yen_off) AS yen
    INTO best
    FROM unnest(p_lines, p_jans, p_categories, p_prices, p_markdowns) AS item (line, jan, category, price, markdown)
    WHERE (item.jan = ANY (offer.jans) OR item.category = ANY (offer.categories))
      AND (item.markdown = 'no' OR item.markdown = 'unknown' AND offer.allow_unknown_markdown)
    ORDER BY 2 DESC, 1
    LIMIT 1;

    IF best.line IS NOT NULL AND now() < offer.expires_at AND offer.linked = offer.account AND offer.active
       AND NOT offer.stopped AND p_purchased_at >= offer.starts_at AND p_purchased_at < offer.ends_at
       AND p_store = ANY (offer.stores) AND offer.services && offer.businesses
    THEN
        WITH used AS (
            INSERT INTO redemption (receipt, request_hash, member, campaign, account, at, line, yen, trace_id)
            VALUES (p_receipt, p_hash, offer.member, offer.campaign, offer.account, now(), best.line, best.yen, p_trace)
            ON CONFLICT DO NOTHING
            RETURNING 1)
        INSERT INTO ledger (kind, at, campaign, member, account, store, receipt, line, yen, actor, trace_id)
        SELECT 'used', now(), offer.campaign, offer.member, offer.account, p_store, p_receipt, best.line, best.yen,
               'till', p_trace
        FROM used;
        IF FOUND THEN
            RETURN QUERY VALUES ('redeemed', offer.campaign, best.line, best.yen, p_trace);
            RETURN;
        END IF;
    END IF;

    -- Refused, unless this receipt was decided before.
    SELECT * INTO earlier FROM redemption WHERE redemption.receipt = p_receipt;
    RETURN QUERY SELECT
        CASE
            WHEN earlier.receipt IS NOT NULL AND earlier.request_hash = p_hash THEN 'replayed'
            WHEN earlier.receipt IS NOT NULL THEN 'anotherRequest'
            WHEN now() >= offer.expires_at THEN 'codeExpired'
            WHEN offer.linked IS DISTINCT FROM offer.account OR NOT offer.active THEN 'notLinked'
            WHEN offer.stopped THEN 'stopped'
            WHEN p_purchased_at < offer.starts_at THEN 'notStarted'
            WHEN p_purchased_at >= offer.ends_at THEN 'ended'
            WHEN NOT p_store = ANY (offer.stores) THEN 'storeNotEligible'
            WHEN NOT offer.services && offer.businesses THEN 'notInAudience'
            WHEN best.line IS NULL THEN 'noEligibleItem'
            ELSE 'alreadyUsed'
        END,
        offer.campaign, coalesce(earlier.line, 0), coalesce(earlier.yen, 0), coalesce(earlier.trace_id, p_trace);
END
$body$;
