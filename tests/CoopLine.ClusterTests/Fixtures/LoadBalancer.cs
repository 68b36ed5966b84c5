using System.Net;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace CoopLine.ClusterTests.Fixtures;

/// <summary>
/// The public address: passes each request to the next process. Only a request that reached nobody goes to another one;
/// whatever else goes wrong is told to the caller as 502.
/// </summary>
internal sealed class LoadBalancer : IAsyncDisposable
{
    private static readonly HashSet<string> OwnHeaders = new(
        ["Host", "Connection", "Transfer-Encoding", "Content-Length"], StringComparer.OrdinalIgnoreCase);

    private readonly WebApplication app;
    private readonly HttpMessageInvoker client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectTimeout = TimeSpan.FromSeconds(1),
    });

    private IReadOnlyList<Uri> targets = [];
    private int last;

    private LoadBalancer(WebApplication app)
    {
        this.app = app;
        app.Run(Pass);
    }

    public Uri Address { get; private set; } = null!;

    public static async Task<LoadBalancer> Start()
    {
        var builder = WebApplication.CreateEmptyBuilder(new() { ApplicationName = "LoadBalancer" });
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        var balancer = new LoadBalancer(builder.Build());
        await balancer.app.StartAsync();
        balancer.Address = new Uri(
            balancer.app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
        return balancer;
    }

    public void LeadTo(IReadOnlyList<Uri> processes) => targets = processes;

    public async ValueTask DisposeAsync()
    {
        await app.DisposeAsync();
        client.Dispose();
    }

    private async Task Pass(HttpContext http)
    {
        using var body = new MemoryStream();
        await http.Request.Body.CopyToAsync(body, http.RequestAborted);
        var content = body.ToArray();
        var all = targets;
        for (var tried = 0; tried < all.Count; tried++)
        {
            var target = all[(int)((uint)Interlocked.Increment(ref last) % (uint)all.Count)];
            try
            {
                using var answer = await client.SendAsync(Copy(http.Request, target, content), http.RequestAborted);
                http.Response.StatusCode = (int)answer.StatusCode;
                foreach (var (name, values) in answer.Headers.Concat(answer.Content.Headers))
                    if (!OwnHeaders.Contains(name)) http.Response.Headers[name] = values.ToArray();
                await answer.Content.CopyToAsync(http.Response.Body, http.RequestAborted);
                return;
            }
            catch (Exception e) when (Unheard.IsNotSent(e))
            {
                // Nobody there: the next one.
            }
            catch (Exception e) when ((Unheard.IsCut(e) || e is IOException) && !http.Response.HasStarted)
            {
                break;
            }
        }

        http.Response.StatusCode = (int)HttpStatusCode.BadGateway;
    }

    private static HttpRequestMessage Copy(HttpRequest request, Uri target, byte[] content)
    {
        var copy = new HttpRequestMessage(new(request.Method), new Uri(target, request.Path + request.QueryString))
        {
            Content = content.Length == 0 ? null : new ByteArrayContent(content),
        };
        foreach (var (name, values) in request.Headers)
        {
            if (OwnHeaders.Contains(name)) continue;
            if (!copy.Headers.TryAddWithoutValidation(name, values.AsEnumerable()))
                copy.Content?.Headers.TryAddWithoutValidation(name, values.AsEnumerable());
        }

        return copy;
    }
}
