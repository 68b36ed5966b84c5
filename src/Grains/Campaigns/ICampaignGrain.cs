namespace CoopLine.Grains.Campaigns;

/// <summary>
/// One coupon offer. Once a coupon of it was used, what decides money is frozen (<see cref="CampaignDefinition.MayBecome"/>).
/// Key: <c>p-</c> + campaign id.
/// </summary>
[Alias("coopline.campaign-grain")]
public interface ICampaignGrain : IGrainWithStringKey
{
    /// <summary>Creates the campaign as a draft, or gives it a new version. The same definition again changes nothing.</summary>
    [Alias("define")]
    Task<CampaignOutcome> Define(CampaignDefinition definition, string staff);

    /// <summary>Members can use it from now on, within its period. Also starts a stopped campaign again.</summary>
    [Alias("publish")]
    Task<CampaignOutcome> Publish(string staff);

    /// <summary>No till accepts it from now on (within a second on other silos).</summary>
    [Alias("stop")]
    Task<CampaignOutcome> Stop(string staff);

    /// <summary>From now on these members have a coupon of it, and no others.</summary>
    [Alias("issue-to")]
    Task<CampaignOutcome> IssueTo(MemberList list, string staff);

    [Alias("read")]
    Task<Campaign?> Read();
}

[GenerateSerializer, Immutable, Alias("coopline.campaign-outcome")]
public abstract record CampaignOutcome
{
    private protected CampaignOutcome()
    {
    }

    [GenerateSerializer, Immutable, Alias("coopline.campaign-outcome.done")]
    public sealed record Done([property: Id(0)] Campaign Campaign) : CampaignOutcome;

    /// <summary>It has been published, and a limit would sink or go, or one would be where none was.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.campaign-outcome.limits-sink")]
    public sealed record LimitsSink([property: Id(0)] Campaign Campaign) : CampaignOutcome;

    /// <summary>A coupon was used under this definition: what decides money cannot change any more.</summary>
    [GenerateSerializer, Immutable, Alias("coopline.campaign-outcome.frozen")]
    public sealed record Frozen([property: Id(0)] Campaign Campaign) : CampaignOutcome;

    [GenerateSerializer, Immutable, Alias("coopline.campaign-outcome.unknown")]
    public sealed record Unknown : CampaignOutcome;
}
