namespace CoopLine.Simulator.Demo;

/// <summary>The page with the phones and the till, and what its buttons do.</summary>
internal sealed class DemoEndpoints(LineSimulator line)
{
    private static readonly Dictionary<string, string> ContentTypes = new()
    {
        [".html"] = "text/html; charset=utf-8",
        [".css"] = "text/css; charset=utf-8",
        [".js"] = "text/javascript; charset=utf-8",
    };

    public void Map(IEndpointRouteBuilder routes)
    {
        var trouble = line.DemoTrouble;
        var state = new DemoState(line, trouble);
        routes.MapGet("/", () => Page("index.html"));
        routes.MapGet("/pages/{name}", Page);
        routes.MapGet("/demo/setting", Setting);
        routes.MapGet("/demo/events", (CancellationToken gone) => TypedResults.ServerSentEvents(state.Follow(gone)));
        routes.MapPost("/demo/phones", AddPhone);
        routes.MapPost("/demo/phones/{userId}/{action}", Act);
        routes.MapGet("/demo/richmenus/{id}", MenuImage);
        routes.MapPost("/demo/clock/advance/{minutes:int:range(1,1440)}", (int minutes) =>
            Move(clock => clock.Advance(TimeSpan.FromMinutes(minutes))));
        routes.MapPost("/demo/clock/real", () => Move(clock => clock.BackToRealTime()));
        routes.MapPost("/demo/trouble/redeliver", async () => Results.Json(await line.RedeliverFailed()));
        routes.MapPost("/demo/trouble/lose-answers", () => trouble.LoseAnswers());
        routes.MapPost("/demo/trouble/{name}/{isOn:bool}", async (string name, bool isOn) =>
            await trouble.Switch(name, isOn) ? Results.NoContent() : Results.NotFound());
    }

    /// <summary>A file of the folder Pages, from inside the assembly: nothing needs to be deployed beside it.</summary>
    public static IResult Page(string name) =>
        typeof(DemoEndpoints).Assembly.GetManifestResourceStream(name) is { } file
            ? Results.Stream(file, ContentTypes[Path.GetExtension(name)])
            : Results.NotFound();

    public static string Text(string name)
    {
        using var reader = new StreamReader(typeof(DemoEndpoints).Assembly.GetManifestResourceStream(name)!);
        return reader.ReadToEnd();
    }

    private IResult Setting() => Results.Json(new
    {
        coopLineUrl = line.CoopLineUrl,
        accountName = line.Options.AccountName,
        stores = line.Options.PosKeys.Keys.Order(StringComparer.Ordinal)
            .Select(store => new { number = store, name = DemoData.StoreNames.GetValueOrDefault(store, "") }),
        products = DemoData.Products,
        campaigns = DemoData.CampaignTitles(DateOnly.FromDateTime(line.Clock.GetUtcNow().ToOffset(DemoSeed.Japan).DateTime)),
        members = DemoData.Members,
    });

    private IResult MenuImage(string id) => line.RichMenus.ImageOf(id) is { Bytes.Length: > 0 } image
        ? Results.Bytes(image.Bytes, image.ContentType)
        : Results.NotFound();

    private IResult Move(Action<DemoClock> move)
    {
        if (line.Clock is not DemoClock clock) return Results.NotFound();
        move(clock);
        line.Changes.Announce();
        return Results.NoContent();
    }

    /// <summary>The next of a fixed row of LINE users, so that links survive a restart of the demo.</summary>
    private IResult AddPhone()
    {
        var number = line.Phones.Count() + 1;
        line.Phone($"U{number:x32}", $"スマホ {number}");
        return Results.NoContent();
    }

    private async Task<IResult> Act(string userId, string action, PhoneAction body)
    {
        if (line.Find(userId) is not { } phone) return Results.NotFound();
        Task<System.Net.HttpStatusCode?>? act = (action, body) switch
        {
            ("follow", _) => phone.Follow(),
            ("block", _) => phone.Block(),
            ("say", { Text: { } text }) => phone.Say(text),
            ("tap", { Data: { } data }) => phone.Tap(data, body.DisplayText),
            _ => null,
        };
        return act is null ? Results.BadRequest() : Results.Json(new { status = (int?)await act });
    }

    private sealed record PhoneAction(string? Text = null, string? Data = null, string? DisplayText = null);
}
