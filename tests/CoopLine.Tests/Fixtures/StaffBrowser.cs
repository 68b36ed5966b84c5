using System.Net;
using System.Text.RegularExpressions;

namespace CoopLine.Tests.Fixtures;

/// <summary>What a member of staff has on the desk: it keeps cookies, sends forms as they are, and follows a redirect only when told.</summary>
internal sealed partial class StaffBrowser : IDisposable
{
    private readonly HttpClient http;

    public StaffBrowser(Uri address)
    {
        http = new(new HttpClientHandler { AllowAutoRedirect = false, CookieContainer = Cookies }) { BaseAddress = address };
        http.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        http.DefaultRequestHeaders.AcceptLanguage.ParseAdd("ja");
    }

    public CookieContainer Cookies { get; } = new();

    /// <summary>What is on the screen.</summary>
    public string Text { get; private set; } = "";

    public HttpStatusCode Status { get; private set; }

    /// <summary>Where the last answer leads to.</summary>
    public string? Location { get; private set; }

    public async Task<StaffBrowser> Open(string path)
    {
        using var answer = await http.GetAsync(path);
        return await Take(answer);
    }

    /// <summary>Sends a form of the page on the screen, and goes where that leads.</summary>
    public async Task<StaffBrowser> Send(string action, params (string Field, string Value)[] fields)
    {
        await Post(action, fields);
        return Location is { } next ? await Open(next) : this;
    }

    /// <summary>The same, without going anywhere.</summary>
    public Task<StaffBrowser> Post(string action, params (string Field, string Value)[] fields) => Post(action, "same-origin", Token, fields);

    public async Task<StaffBrowser> Post(string action, string? site, string? token, params (string Field, string Value)[] fields)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, action)
        {
            Content = new FormUrlEncodedContent([.. fields.Select(one => KeyValuePair.Create(one.Field, one.Value)), .. token is null ? [] : new[] { KeyValuePair.Create("form", token) }]),
        };
        if (site is not null) request.Headers.Add("Sec-Fetch-Site", site);
        using var answer = await http.SendAsync(request);
        return await Take(answer);
    }

    /// <summary>Goes where the last answer leads, until there is a page.</summary>
    public async Task<StaffBrowser> Follow()
    {
        while (Location is { } next) await Open(next);
        return this;
    }

    public async Task<StaffBrowser> SignIn(string key, string from = "/staff/me")
    {
        var page = "/staff/sign-in?from=" + Uri.EscapeDataString(from);
        await Open(page);
        return await Post(page, ("way", "key"), ("key", key));
    }

    public async Task<StaffBrowser> SignIn(Colleague colleague, string? code = null, string? password = null, string from = "/staff/me")
    {
        var page = "/staff/sign-in?from=" + Uri.EscapeDataString(from);
        await Open(page);
        return await Post(
            page, ("way", "password"), ("name", colleague.Name), ("password", password ?? colleague.Password), ("code", code ?? colleague.Code()));
    }

    public string? Token => TokenField().Match(Text) is { Success: true } found ? found.Groups["token"].Value : null;

    /// <summary>The value of a hidden field.</summary>
    public string Hidden(string name) => Regex.Match(Text, $"""<input type="hidden" name="{name}" value="(?<value>[^"]+)" """.TrimEnd()).Groups["value"].Value;

    public void Dispose() => http.Dispose();

    private async Task<StaffBrowser> Take(HttpResponseMessage answer)
    {
        (Status, Location) = (answer.StatusCode, answer.Headers.Location?.OriginalString);
        Text = WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync());
        return this;
    }

    [GeneratedRegex("""name="form" value="(?<token>[^"]+)" """)]
    private static partial Regex TokenField();
}
