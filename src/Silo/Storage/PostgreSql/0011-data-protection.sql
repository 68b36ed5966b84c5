-- The keys of ASP.NET's data protection, which seal the coupon page's sessions: one row a key, made by the service, about
-- one in three months. Whoever can read them can make sessions.
CREATE TABLE data_protection_key (
    id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text   NOT NULL,
    xml  text   NOT NULL
);
