using Orleans.Concurrency;

namespace CoopLine.Grains.Accounts;

/// <summary>
/// Makes the LINE calls of one account, so that a slow LINE never keeps the account itself from taking events.
/// Everything here is one way; the answer comes back by <see cref="ILineAccountGrain.Sent"/>. Key: that of the account.
/// </summary>
[Alias("coopline.line-sender")]
internal interface ILineSenderGrain : IGrainWithStringKey
{
    [Alias("say"), OneWay]
    Task Send(OutboxEntry entry, bool linked);

    [Alias("show-menu"), OneWay]
    Task ShowMenu(ShownMenu menu);
}
