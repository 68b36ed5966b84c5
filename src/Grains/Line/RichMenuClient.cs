using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Options;

namespace CoopLine.Grains.Line;

/// <summary>A menu that was made through LINE's API; its picture and its name never change.</summary>
public sealed record RichMenu(string Id, string Name);

/// <summary>
/// LINE's calls that make, show and delete menus (https://developers.line.biz/en/reference/messaging-api/#rich-menu),
/// for a person who waits for the outcome: nothing is repeated here, and whatever LINE does not do is an exception.
/// </summary>
public sealed class RichMenuClient(HttpClient http, ChannelTokens tokens, IOptions<LineOptions> options)
{
    /// <summary>The longest answer that is read: a list of a thousand menus, or the picture of one.</summary>
    public const int AnswerLimitBytes = 16 * 1024 * 1024;

    private const string Menus = "/v2/bot/richmenu";
    private const string DefaultMenu = "/v2/bot/user/all/richmenu";

    /// <exception cref="LineRefusalException">LINE did not do it. Every call of this class throws this.</exception>
    public async Task<IReadOnlyList<RichMenu>> List(CancellationToken cancellation = default)
    {
        using var response = await Call(HttpMethod.Get, Api(Menus + "/list"), null, cancellation);
        if ((await Body(response, cancellation)).Property("richmenus") is not { ValueKind: JsonValueKind.Array } menus)
            throw Unreadable("richmenus");
        return [.. menus.EnumerateArray()
            .Select(menu => new RichMenu(Text(menu, "richMenuId"), Text(menu, "name")))];
    }

    /// <summary>LINE allows 100 an hour. After a call without an answer, the list shows whether it was done.</summary>
    /// <returns>The menu's id.</returns>
    public async Task<string> Create(JsonObject definition, CancellationToken cancellation = default)
    {
        using var response = await Call(HttpMethod.Post, Api(Menus), LineHttp.Body(definition), cancellation);
        return Text(await Body(response, cancellation), "richMenuId");
    }

    public async Task<bool> HasPicture(string menu, CancellationToken cancellation = default)
    {
        using var response = await Call(HttpMethod.Get, Picture(menu), null, cancellation, HttpStatusCode.NotFound);
        return response.IsSuccessStatusCode;
    }

    /// <summary>A menu takes one picture, and cannot be shown without it.</summary>
    public async Task SetPicture(string menu, ReadOnlyMemory<byte> png, CancellationToken cancellation = default)
    {
        var content = new ReadOnlyMemoryContent(png) { Headers = { ContentType = new("image/png") } };
        using var response = await Call(HttpMethod.Post, Picture(menu), content, cancellation);
    }

    /// <returns>The menu of everybody who has none of their own; null when this channel has set none.</returns>
    public async Task<string?> Default(CancellationToken cancellation = default)
    {
        using var response = await Call(
            HttpMethod.Get, Api(DefaultMenu), null, cancellation, HttpStatusCode.NotFound, HttpStatusCode.Forbidden);
        return response.IsSuccessStatusCode ? Text(await Body(response, cancellation), "richMenuId") : null;
    }

    public async Task SetDefault(string menu, CancellationToken cancellation = default)
    {
        using var response = await Call(HttpMethod.Post, Api($"{DefaultMenu}/{menu}"), null, cancellation);
    }

    /// <returns>The menu that the alias stands for; null when there is no such alias.</returns>
    public async Task<string?> Alias(string alias, CancellationToken cancellation = default)
    {
        using var response = await Call(
            HttpMethod.Get, Api($"{Menus}/alias/{alias}"), null, cancellation, HttpStatusCode.NotFound);
        return response.IsSuccessStatusCode ? Text(await Body(response, cancellation), "richMenuId") : null;
    }

    /// <param name="exists">Whether there is such an alias already.</param>
    public async Task SetAlias(string alias, string menu, bool exists, CancellationToken cancellation = default)
    {
        var (path, body) = exists
            ? ($"{Menus}/alias/{alias}", new JsonObject { ["richMenuId"] = menu })
            : ($"{Menus}/alias", new JsonObject { ["richMenuAliasId"] = alias, ["richMenuId"] = menu });
        using var response = await Call(HttpMethod.Post, Api(path), LineHttp.Body(body), cancellation);
    }

    /// <summary>Has LINE give everybody who has an old menu the new one. LINE allows three an hour.</summary>
    /// <param name="key">Letters, digits, <c>_-</c>, up to 100. When the same key comes again, LINE goes on where it was.</param>
    /// <returns>What to ask <see cref="Moved"/> for.</returns>
    public async Task<string> Move(
        IReadOnlyList<string> from, string to, string key, CancellationToken cancellation = default)
    {
        var operations = from.Select(menu => new JsonObject { ["type"] = "link", ["from"] = menu, ["to"] = to });
        var body = new JsonObject { ["operations"] = new JsonArray([.. operations]), ["resumeRequestKey"] = key };
        using var response = await Call(HttpMethod.Post, Api(Menus + "/batch"), LineHttp.Body(body), cancellation);
        return response.Headers.TryGetValues("x-line-request-id", out var ids) ? ids.First() : throw Unreadable("x-line-request-id");
    }

    /// <returns>Whether all are moved; false while LINE is at it.</returns>
    public async Task<bool> Moved(string request, CancellationToken cancellation = default)
    {
        var address = Api($"{Menus}/progress/batch?requestId={request}");
        using var response = await Call(HttpMethod.Get, address, null, cancellation);
        var phase = Text(await Body(response, cancellation), "phase");
        if (phase == "failed") throw new LineRefusalException("LINE could not move every member to the new menu.");
        return phase == "succeeded";
    }

    /// <summary>LINE allows 100 an hour. Whoever still has the menu falls back to the default one.</summary>
    public async Task Delete(string menu, CancellationToken cancellation = default)
    {
        using var response = await Call(
            HttpMethod.Delete, Api($"{Menus}/{menu}"), null, cancellation, HttpStatusCode.NotFound);
    }

    private Uri Api(string path) => new(options.Value.ApiBase, path);

    private Uri Picture(string menu) => new(options.Value.DataApiBase, $"{Menus}/{menu}/content");

    private static string Text(JsonElement element, string name) => element.Text(name) ?? throw Unreadable(name);

    private static async Task<JsonElement> Body(HttpResponseMessage response, CancellationToken cancellation) =>
        await response.ReadObject(cancellation) ?? throw Unreadable("an object");

    private static LineRefusalException Unreadable(string what) => new($"LINE's answer cannot be read: {what} is missing.");

    private async Task<HttpResponseMessage> Call(
        HttpMethod method, Uri address, HttpContent? content, CancellationToken cancellation, params HttpStatusCode[] alsoFine)
    {
        try
        {
            using var request = new HttpRequestMessage(method, address);
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", await tokens.Current(http));
            // LINE wants a Content-Length on every POST, also on one without a body.
            request.Content = content ?? (method == HttpMethod.Post ? new ByteArrayContent([]) : null);
            var response = await http.SendAsync(request, cancellation);
            if (response.IsSuccessStatusCode || alsoFine.Contains(response.StatusCode)) return response;
            using (response)
            {
                throw new LineRefusalException(await Refusal(method, address, response, cancellation));
            }
        }
        catch (HttpRequestException e) when (e.StatusCode is { } status)
        {
            throw new LineRefusalException(
                $"LINE issued no channel access token ({(int)status}): see CoopLine:Line:ChannelId and CoopLine:Line:ChannelSecret.", e);
        }
        catch (HttpRequestException e)
        {
            throw new LineRefusalException($"LINE gave no answer to {method} {address.GetLeftPart(UriPartial.Path)}: {e.Message}", e);
        }
        catch (TaskCanceledException e) when (!cancellation.IsCancellationRequested)
        {
            throw new LineRefusalException($"LINE gave no answer in time to {method} {address.GetLeftPart(UriPartial.Path)}.", e);
        }
    }

    private static async Task<string> Refusal(
        HttpMethod method, Uri address, HttpResponseMessage response, CancellationToken cancellation)
    {
        var hint = response.StatusCode switch
        {
            HttpStatusCode.Unauthorized => "The channel access token is wrong or has expired: see CoopLine:Line:ChannelAccessToken. ",
            HttpStatusCode.TooManyRequests => "An hour allows 100 new menus, 100 deletions and three moves of members: wait an hour. ",
            _ => "",
        };
        var body = await response.ReadWords(cancellation);
        return $"{hint}LINE answered {(int)response.StatusCode} to {method} {address.AbsolutePath}: {body}";
    }
}

/// <summary>LINE did not do what a person asked for; the message says why, and what to do where that is known.</summary>
public sealed class LineRefusalException(string message, Exception? inner = null) : Exception(message, inner);
