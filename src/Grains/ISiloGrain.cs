namespace CoopLine.Grains;

/// <summary>A grain that lives in one silo and stands for what that process has in memory. Its key ends with the silo's address.</summary>
[Alias("coopline.silo-grain")]
public interface ISiloGrain : IGrainWithStringKey
{
    /// <summary>Called by the silo, so that the grain lives there.</summary>
    [Alias("settle")]
    Task Settle();
}

/// <inheritdoc cref="ISiloGrain"/>
internal abstract class SiloGrain(ILocalSiloDetails here) : Grain, ISiloGrain
{
    /// <summary>False when another silo called before this grain's own did: then it moves with the next call of <see cref="Settle"/>.</summary>
    protected bool IsAtHome => this.Id() == here.SiloAddress.ToParsableString();

    public Task Settle()
    {
        if (IsAtHome) DelayDeactivation(Timeout.InfiniteTimeSpan);
        else DeactivateOnIdle();
        return Task.CompletedTask;
    }
}
