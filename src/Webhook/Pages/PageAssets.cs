using System.Collections.Frozen;
using System.IO.Compression;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Pages;

/// <summary>
/// Style sheet and scripts of the pages, out of this library. Their addresses change with their content. Only they are
/// compressed: the length of a compressed personal page would give away what is in it.
/// </summary>
internal static class PageAssets
{
    private static readonly FrozenDictionary<string, Asset> Assets = Load().ToFrozenDictionary(asset => asset.Name);

    public static string Address(string name) => $"/assets/{name}?v={Assets[name].Version}";

    extension(IEndpointRouteBuilder routes)
    {
        public void MapPageAssets() => routes.MapGet("/assets/{name}", Get).ExcludeFromDescription();
    }

    private static Results<FileContentHttpResult, NotFound> Get(
        string name, string? v, HttpRequest request, HttpResponse response)
    {
        if (!Assets.TryGetValue(name, out var asset)) return TypedResults.NotFound();
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.CacheControl = v == asset.Version ? "public, max-age=31536000, immutable" : "no-cache";
        response.Headers.Vary = HeaderNames.AcceptEncoding;
        var (encoding, content) = asset.Packed.FirstOrDefault(packed => Accepts(request, packed.Encoding));
        if (encoding is not null) response.Headers.ContentEncoding = encoding;
        return TypedResults.Bytes(
            content ?? asset.Content, asset.Type, entityTag: new EntityTagHeaderValue($"\"{asset.Version}{encoding}\""));
    }

    private static bool Accepts(HttpRequest request, string encoding) =>
        request.GetTypedHeaders().AcceptEncoding.Any(one => one.Value == encoding && one.Quality is not 0);

    private static IEnumerable<Asset> Load()
    {
        var library = typeof(PageAssets).Assembly;
        foreach (var resource in library.GetManifestResourceNames())
        {
            if (!resource.StartsWith("assets/", StringComparison.Ordinal)) continue;
            using var stream = library.GetManifestResourceStream(resource)!;
            var content = new byte[stream.Length];
            stream.ReadExactly(content);
            var type = Path.GetExtension(resource) is ".css" ? "text/css" : "text/javascript";
            var version = Convert.ToHexStringLower(SHA256.HashData(content))[..16];
            yield return new(resource["assets/".Length..], content, type + "; charset=utf-8", version,
            [
                ("br", Pack(content, to => new BrotliStream(to, CompressionLevel.SmallestSize))),
                ("gzip", Pack(content, to => new GZipStream(to, CompressionLevel.SmallestSize))),
            ]);
        }
    }

    private static byte[] Pack(byte[] content, Func<Stream, Stream> packing)
    {
        var packed = new MemoryStream();
        using (var stream = packing(packed)) stream.Write(content);
        return packed.ToArray();
    }

    private sealed record Asset(
        string Name, byte[] Content, string Type, string Version, (string Encoding, byte[] Content)[] Packed);
}
