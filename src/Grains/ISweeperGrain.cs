namespace CoopLine.Grains;

/// <summary>Finds what a crash left half done, and whom the registry changed. One in the cluster. Key: <c>z-sweeper</c>.</summary>
[Alias("coopline.sweeper")]
public interface ISweeperGrain : IGrainWithStringKey
{
    /// <summary>One round; calls that come while it runs wait for it.</summary>
    [Alias("sweep"), ResponseTimeout("00:10:00")]
    Task Sweep();
}
