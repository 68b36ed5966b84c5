using Orleans.Concurrency;

namespace CoopLine.Grains.Messages;

/// <summary>Writes a message's plan, closes its blocks, makes their calls and settles them. It has no state: what it does is in the plan. Key: as the message's.</summary>
[Alias("coopline.message-sender")]
internal interface IMessageSenderGrain : IGrainWithStringKey
{
    /// <summary>Goes on until there is nothing more to do; while it does already, this changes nothing.</summary>
    [Alias("go"), OneWay]
    Task Go(Message message);

    /// <summary>The next blocks.</summary>
    [Alias("step"), OneWay]
    Task Step();
}

/// <summary>Hands out turns for calls to LINE, which counts those of all processes together. Key: <c>l-pace</c>.</summary>
[Alias("coopline.line-pace")]
internal interface ILinePaceGrain : IGrainWithStringKey
{
    /// <returns>How long to wait before the call.</returns>
    [Alias("take")]
    Task<TimeSpan> Take();
}
