namespace CoopLine.Grains.Linking;

/// <summary>Serves the link page: asks session, account and registry in order, and LINE for the link token. Keeps nothing. Key: 0.</summary>
[Alias("coopline.link-desk")]
public interface ILinkDeskGrain : IGrainWithIntegerKey
{
    /// <param name="session">The id in the page's address.</param>
    [Alias("open")]
    Task<LinkSessionView> Open(string session);

    [Alias("submit")]
    Task<LinkOutcome> Submit(string session, LinkAnswers answers);
}
