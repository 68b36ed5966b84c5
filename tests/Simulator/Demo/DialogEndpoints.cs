using System.Net;
using CoopLine.Simulator.Line;

namespace CoopLine.Simulator.Demo;

/// <summary>
/// LINE's account-link dialog as a page. Which LINE user looks at it is told by the phone that shows it.
/// </summary>
internal sealed class DialogEndpoints(LineSimulator line)
{
    private const string VisitorCookie = "simulator-line-user";

    public void Map(IEndpointRouteBuilder routes) => routes.MapGet(AccountLinkDialog.Path, Open);

    private async Task<IResult> Open(HttpRequest request, string? linkToken, string? nonce, string? user)
    {
        // Phones side by side share one cookie, so inside a phone the page tells its frames apart by their names.
        var visitor = user ?? (request.Headers["Sec-Fetch-Dest"] == "iframe" ? null : request.Cookies[VisitorCookie]);
        if (visitor is null || line.Find(visitor) is null) return Choose();

        return (await line.Dialog.Open(linkToken, nonce, visitor)).Outcome switch
        {
            DialogOutcome.Ok => Show(200, "アカウント連携", "手続きを受け付けました。トークに戻って、結果のメッセージをご確認ください。"),
            DialogOutcome.Failed => Show(200, "連携できません",
                "このページを開いたLINEアカウントは、連携を始めたLINEアカウントと違います。"),
            _ => Show(400, "リンクが無効です", "有効期限が切れているか、すでに使われたリンクです。"),
        };
    }

    private IResult Choose() => Show(200, "アカウント連携", "どのスマホで開いていますか。", string.Concat(line.Phones.Select(phone =>
        $"""<button data-user="{phone.UserId}">{WebUtility.HtmlEncode(phone.Name)}</button>""")));

    private static IResult Show(int status, string title, string text, string choices = "") => Results.Content(
        DemoEndpoints.Text("dialog.html")
            .Replace("{{title}}", title, StringComparison.Ordinal)
            .Replace("{{text}}", text, StringComparison.Ordinal)
            .Replace("{{choices}}", choices, StringComparison.Ordinal),
        "text/html; charset=utf-8", statusCode: status);
}
