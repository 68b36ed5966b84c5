namespace CoopLine.Webhook.Console;

/// <summary>A feature of requests that came to the address for operators: only there are their pages.</summary>
public sealed class OperatorsAddress
{
    private OperatorsAddress()
    {
    }

    public static OperatorsAddress Here { get; } = new();
}
