using System.Text;
using CoopLine.Peer;
using Npgsql;

if (args is ["import", var csv, .. var also])
{
    await using var registry = NpgsqlDataSource.Create(Environment.GetEnvironmentVariable("Peer__Database")!);
    var importing = new Importing(registry, Encoding.UTF8.GetBytes(Environment.GetEnvironmentVariable("Peer__HashKey")!));
    if (await importing.Run(csv, delta: also is ["--delta"]) is not { } problem) return 0;
    Console.WriteLine(problem);
    return 1;
}

// The till call as a good engineer would write it by hand: no framework between the request and the database.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton(_ => new NpgsqlSlimDataSourceBuilder(builder.Configuration["Peer:Database"]).EnableArrays().Build());
builder.Services.AddSingleton<Campaigns>();
builder.Services.AddSingleton(new TillKeys(builder.Configuration.GetSection("Peer:Keys")));
if (builder.Configuration["Peer:File"] is { } file)
    builder.Services.AddSingleton<IRedeem>(services => new RedeemOnSqlite(file, services.GetRequiredService<TimeProvider>()));
else if (builder.Configuration["Peer:Variant"] == "two")
    builder.Services.AddSingleton<IRedeem, RedeemByTwoStatements>();
else
    builder.Services.AddSingleton<IRedeem, RedeemByOneStatement>();

var app = builder.Build();
var tills = app.Services.GetRequiredService<TillKeys>();
var redeem = app.Services.GetRequiredService<IRedeem>();
app.MapGet("/health/ready", () => "Healthy");
app.MapPost("/pos/v1/redemptions", http => Redemptions.Handle(http, tills, redeem));
using var toLine = new HttpClient();
if (builder.Configuration["Peer:Line"] is { } line)
{
    toLine.BaseAddress = new(line);
    var sending = new Sending(app.Services.GetRequiredService<NpgsqlDataSource>(), toLine);
    app.MapPost("/messages/{message}", async (HttpContext call, string message) =>
        await call.Response.WriteAsJsonAsync(await sending.Send(message)));
}

await app.RunAsync();
return 0;
