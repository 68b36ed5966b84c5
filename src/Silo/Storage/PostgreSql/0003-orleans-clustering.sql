-- Which silos there are: tables and stored queries of Microsoft.Orleans.Clustering.AdoNet 10.4. Names are the provider's
-- contract. DeploymentId is the cluster's id. Every change of membership raises the version of its cluster's row, and
-- needs the version that its silo has seen: of two silos that decide at once, one has to look again.

CREATE TABLE OrleansMembershipVersionTable
(
    DeploymentId text           NOT NULL PRIMARY KEY,
    Timestamp    timestamptz(3) NOT NULL DEFAULT now(),
    Version      integer        NOT NULL DEFAULT 0
);

CREATE TABLE OrleansMembershipTable
(
    DeploymentId text           NOT NULL REFERENCES OrleansMembershipVersionTable (DeploymentId),
    Address      text           NOT NULL,
    Port         integer        NOT NULL,
    Generation   integer        NOT NULL,
    SiloName     text           NOT NULL,
    HostName     text           NOT NULL,
    Status       integer        NOT NULL,
    ProxyPort    integer        NOT NULL,
    SuspectTimes text,
    StartTime    timestamptz(3) NOT NULL,
    IAmAliveTime timestamptz(3) NOT NULL,
    PRIMARY KEY (DeploymentId, Address, Port, Generation)
);

-- The provider wants one column in one row as "yes" or "no", also when nothing was changed: hence count(*).
INSERT INTO OrleansQuery (QueryKey, QueryText) VALUES
('InsertMembershipVersionKey', '
WITH created AS (
    INSERT INTO OrleansMembershipVersionTable (DeploymentId) VALUES (@DeploymentId)
    ON CONFLICT DO NOTHING
    RETURNING 1
)
SELECT count(*)::int FROM created;
'),
('InsertMembershipKey', '
WITH next AS (
    UPDATE OrleansMembershipVersionTable AS cluster
    SET Timestamp = now(), Version = cluster.Version + 1
    WHERE cluster.DeploymentId = @DeploymentId AND cluster.Version = @Version
      AND NOT EXISTS (
          SELECT FROM OrleansMembershipTable AS member
          WHERE member.DeploymentId = @DeploymentId AND member.Address = @Address AND member.Port = @Port
            AND member.Generation = @Generation)
    RETURNING cluster.DeploymentId
), added AS (
    INSERT INTO OrleansMembershipTable
        (DeploymentId, Address, Port, Generation, SiloName, HostName, Status, ProxyPort, StartTime, IAmAliveTime)
    SELECT DeploymentId, @Address, @Port, @Generation, @SiloName, @HostName, @Status, @ProxyPort, @StartTime,
           @IAmAliveTime
    FROM next
    RETURNING 1
)
SELECT count(*)::int FROM added;
'),
('UpdateMembershipKey', '
WITH next AS (
    UPDATE OrleansMembershipVersionTable AS cluster
    SET Timestamp = now(), Version = cluster.Version + 1
    WHERE cluster.DeploymentId = @DeploymentId AND cluster.Version = @Version
      AND EXISTS (
          SELECT FROM OrleansMembershipTable AS member
          WHERE member.DeploymentId = @DeploymentId AND member.Address = @Address AND member.Port = @Port
            AND member.Generation = @Generation)
    RETURNING cluster.DeploymentId
), changed AS (
    UPDATE OrleansMembershipTable AS member
    SET Status = @Status, SuspectTimes = @SuspectTimes, IAmAliveTime = @IAmAliveTime
    FROM next
    WHERE member.DeploymentId = next.DeploymentId AND member.Address = @Address AND member.Port = @Port
      AND member.Generation = @Generation
    RETURNING 1
)
SELECT count(*)::int FROM changed;
'),
('UpdateIAmAlivetimeKey', '
UPDATE OrleansMembershipTable
SET IAmAliveTime = @IAmAliveTime
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation;
'),
('MembershipReadAllKey', '
SELECT cluster.DeploymentId, member.Address, member.Port, member.Generation, member.SiloName, member.HostName,
       member.Status, member.ProxyPort, member.SuspectTimes, member.StartTime, member.IAmAliveTime, cluster.Version
FROM OrleansMembershipVersionTable AS cluster
LEFT JOIN OrleansMembershipTable AS member ON member.DeploymentId = cluster.DeploymentId
WHERE cluster.DeploymentId = @DeploymentId;
'),
('MembershipReadRowKey', '
SELECT cluster.DeploymentId, member.Address, member.Port, member.Generation, member.SiloName, member.HostName,
       member.Status, member.ProxyPort, member.SuspectTimes, member.StartTime, member.IAmAliveTime, cluster.Version
FROM OrleansMembershipVersionTable AS cluster
LEFT JOIN OrleansMembershipTable AS member
    ON member.DeploymentId = cluster.DeploymentId AND member.Address = @Address AND member.Port = @Port
    AND member.Generation = @Generation
WHERE cluster.DeploymentId = @DeploymentId;
'),
('GatewaysQueryKey', '
SELECT Address, ProxyPort, Generation
FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Status = @Status AND ProxyPort > 0;
'),
('DeleteMembershipTableEntriesKey', '
WITH members AS (DELETE FROM OrleansMembershipTable WHERE DeploymentId = @DeploymentId)
DELETE FROM OrleansMembershipVersionTable WHERE DeploymentId = @DeploymentId;
'),
('CleanupDefunctSiloEntriesKey', '
DELETE FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND IAmAliveTime < @IAmAliveTime AND Status <> 3; -- active
'),
-- One at a time, and only if it still is what the caller has seen.
('CleanupDefunctSiloEntryKey', '
DELETE FROM OrleansMembershipTable
WHERE DeploymentId = @DeploymentId AND Address = @Address AND Port = @Port AND Generation = @Generation
  AND SuspectTimes IS NOT DISTINCT FROM @SuspectTimes AND StartTime = @StartTime AND IAmAliveTime = @IAmAliveTime
  AND Status = 6; -- dead
');
