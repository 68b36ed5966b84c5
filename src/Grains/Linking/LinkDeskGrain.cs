using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Line;
using CoopLine.Grains.Registry;
using Microsoft.Extensions.Options;
using Orleans.Concurrency;

namespace CoopLine.Grains.Linking;

[GrainType("link-desk"), StatelessWorker, Reentrant]
internal sealed class LinkDeskGrain(
    RegistryHashes keys, LineMessagingClient line, IOptions<LineOptions> options) : Grain, ILinkDeskGrain
{
    public Task<LinkSessionView> Open(string session) => GrainFactory.Session(session).Open();

    public async Task<LinkOutcome> Submit(string session, LinkAnswers answers)
    {
        var page = await GrainFactory.Session(session).Open();
        if (page is not { Status: LinkSessionStatus.Open, Account: { } account })
            return new LinkOutcome.SessionOver(page.Status);

        var hashed = answers.Hashed(keys);
        var checkedAnswers = await GrainFactory.Account(account).Verify(session, hashed);
        if (checkedAnswers is not AnswersOutcome.Match) return new LinkOutcome.Refused(checkedAnswers, page);

        // Only now: LINE's own ten minutes run from here.
        var issued = await line.IssueLinkToken(account);
        if (issued is not LinkTokenOutcome.Issued { Token: var token })
            return new LinkOutcome.LineUnavailable(page, IsBlocked: issued is LinkTokenOutcome.NoFriend);
        var nonce = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(32));
        page = await GrainFactory.Session(session).StartDialog(NonceHash(nonce), answers.MemberNumber);
        return page.Status == LinkSessionStatus.Open
            ? new LinkOutcome.GoToLine(Dialog(token, nonce))
            : new LinkOutcome.SessionOver(page.Status);
    }

    internal static string NonceHash(string nonce) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(nonce)));

    private Uri Dialog(string token, string nonce) => new(
        options.Value.AccessBase,
        $"/dialog/bot/accountLink?linkToken={Uri.EscapeDataString(token)}&nonce={nonce}");
}
