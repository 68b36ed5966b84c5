namespace CoopLine.Tests.Fixtures;

// Classes of one collection take turns on one running system. Each test has its own friends, members and campaigns, the
// clock only goes forward, by a few days in all, and whoever orders trouble ends it. Whatever needs more than that, or
// looks at the whole database, starts a system of its own.

/// <summary>What members and staff are promised, one class for each of the co-op's questions and answers.</summary>
[CollectionDefinition]
[Trait("Speed", "quick")]
public sealed class StoryHost : ICollectionFixture<RunningSystem>;

/// <summary>Coupons, from the campaign to the void.</summary>
[CollectionDefinition]
public sealed class CouponHost : ICollectionFixture<RunningSystem>;

/// <summary>The link of a number and an account.</summary>
[CollectionDefinition]
public sealed class LinkingHost : ICollectionFixture<RunningSystem>;

/// <summary>What the outside sends and is answered, above all what is wrong with it.</summary>
[CollectionDefinition]
public sealed class RequestHost : ICollectionFixture<RunningSystem>;
