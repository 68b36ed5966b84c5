using CoopLine.Peer;
using Npgsql;

// The till call as a good engineer would write it by hand: no framework between the request and PostgreSQL.
var builder = WebApplication.CreateSlimBuilder(args);
builder.Logging.ClearProviders();
builder.Services.AddSingleton(_ => new NpgsqlSlimDataSourceBuilder(builder.Configuration["Peer:Database"]).EnableArrays().Build());
builder.Services.AddSingleton(TimeProvider.System);
builder.Services.AddSingleton<Campaigns>();
builder.Services.AddSingleton(new TillKeys(builder.Configuration.GetSection("Peer:Keys")));
if (builder.Configuration["Peer:Variant"] == "two")
    builder.Services.AddSingleton<IRedeem, RedeemByTwoStatements>();
else
    builder.Services.AddSingleton<IRedeem, RedeemByOneStatement>();

var app = builder.Build();
var tills = app.Services.GetRequiredService<TillKeys>();
var redeem = app.Services.GetRequiredService<IRedeem>();
app.MapGet("/health/ready", () => "Healthy");
app.MapPost("/pos/v1/redemptions", http => Redemptions.Handle(http, tills, redeem));
await app.RunAsync();
