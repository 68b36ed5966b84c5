namespace CoopLine.Simulator.Demo;

/// <summary>The demo page's switches, each a plain form of something in <see cref="Trouble"/>.</summary>
internal sealed class DemoTrouble(LineSimulator line)
{
    private static readonly LineCall[] Sends = [LineCall.Reply, LineCall.Push, LineCall.Multicast];

    private readonly Lock gate = new();
    private readonly HashSet<string> on = [];

    public IReadOnlyList<string> On
    {
        get
        {
            lock (gate) return [.. on];
        }
    }

    public async Task<bool> Switch(string name, bool isOn)
    {
        if (name is not ("slow" or "rateLimit" or "fail" or "repeat" or "holdBack" or "noAnswers")) return false;
        lock (gate)
        {
            if (isOn) on.Add(name);
            else on.Remove(name);
            line.Trouble.Clear();
            if (on.Contains("slow")) line.Trouble.Slow(LineCall.Any, TimeSpan.FromSeconds(3));
            if (on.Contains("fail")) line.Trouble.Fail(LineCall.Any, Trouble.Always);
            if (on.Contains("noAnswers")) line.Trouble.DropAfter(LineCall.Multicast, Trouble.Always);
            if (on.Contains("repeat")) line.Trouble.Webhooks.Copies = 3;
            if (on.Contains("rateLimit"))
            {
                foreach (var send in Sends) line.Trouble.RateLimit(send, Trouble.Always);
            }
            if (on.Contains("holdBack")) line.Trouble.Webhooks.HoldBack = true;
        }
        if (name == "holdBack" && !isOn) await line.ReleaseWebhooks(latestFirst: true);
        line.Changes.Announce();
        return true;
    }

    /// <summary>
    /// The next message of each kind and the next change of menu take effect, and LINE's answer is lost.
    /// </summary>
    public void LoseAnswers()
    {
        foreach (var send in Sends) line.Trouble.DropAfter(send);
        line.Trouble.DropAfter(LineCall.LinkRichMenu);
        line.Trouble.DropAfter(LineCall.UnlinkRichMenu);
    }
}
