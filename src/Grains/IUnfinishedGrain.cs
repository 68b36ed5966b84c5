namespace CoopLine.Grains;

/// <summary>A grain that records what it means to do before it does it, and that can be woken to finish it.</summary>
[Alias("coopline.unfinished")]
public interface IUnfinishedGrain : IGrainWithStringKey
{
    /// <summary>Goes on with whatever a crash left half done. Safe to call at any time, any number of times.</summary>
    [Alias("finish")]
    Task Finish();
}
