namespace CoopLine.Grains.Linking;

/// <summary>Serves the link page: asks session, account and registry in order, and LINE for the link token. Keeps nothing. Key: 0.</summary>
[Alias("coopline.link-desk")]
public interface ILinkDeskGrain : IGrainWithIntegerKey
{
    /// <param name="session">The id in the page's address.</param>
    [Alias("open")]
    Task<LinkSessionView> Open(string session);

    /// <remarks>LINE is asked for a token meanwhile, and may take as long as <see cref="Line.LineOptions.Timeout"/>.</remarks>
    [Alias("submit"), ResponseTimeout("00:01:10")]
    Task<LinkOutcome> Submit(string session, LinkAnswers answers);
}
