namespace CoopLine.Grains.Accounts;

/// <summary>
/// Asks LINE who the friends are and makes everybody known of whom no event has told, so that messages reach them as well. One
/// page a turn; what a crash leaves goes on where it was. Only verified and premium accounts may ask. Key: <c>h-friends</c>.
/// </summary>
/// <seealso href="https://developers.line.biz/en/reference/messaging-api/#get-follower-ids"/>
[Alias("coopline.friend-list-grain")]
public interface IFriendListGrain : IUnfinishedGrain
{
    /// <summary>Begins; while one reading is under way, this is that one.</summary>
    [Alias("start")]
    Task<FriendList> Start(string staff);

    /// <returns>Null before the first.</returns>
    [Alias("read")]
    Task<FriendList?> Read();
}

/// <summary>A reading of LINE's list of friends.</summary>
/// <param name="By">Name of the staff key that asked for it.</param>
/// <param name="Friends">Whom LINE has named so far.</param>
/// <param name="Added">Of them, those who were not known before; after a crash those of one page may be missing.</param>
[GenerateSerializer, Immutable, Alias("coopline.friend-list")]
public sealed record FriendList(
    [property: Id(0)] FriendListStatus Status,
    [property: Id(1)] string By,
    [property: Id(2)] DateTimeOffset StartedAt,
    [property: Id(3)] DateTimeOffset? EndedAt,
    [property: Id(4)] long Friends,
    [property: Id(5)] long Added);

[GenerateSerializer, Alias("coopline.friend-list-status")]
public enum FriendListStatus
{
    Reading,
    Done,

    /// <summary>LINE tells it to verified and premium accounts only, and this is neither.</summary>
    NotAllowed,
}
