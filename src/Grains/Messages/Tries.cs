namespace CoopLine.Grains.Messages;

/// <summary>
/// When blocks that LINE did not take are tried again. Not stored: after a crash they are tried at once, with keys that LINE takes once.
/// </summary>
internal sealed class Tries(TimeProvider clock)
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1);

    private readonly Dictionary<int, (int Failures, TimeSpan Pause, DateTimeOffset NotBefore)> failed = [];

    public bool HaveFailed => failed.Count > 0;

    /// <summary>How long until one is due; null when none has failed.</summary>
    public TimeSpan? Next => failed.Count == 0 ? null : failed.Values.Min(Left);

    public bool AreDue(int block) => !failed.TryGetValue(block, out var one) || Left(one) == TimeSpan.Zero;

    public void Over(int block) => failed.Remove(block);

    /// <summary>Another process may have settled what failed here.</summary>
    public void ForgetAllBut(IEnumerable<int> underWay)
    {
        foreach (var over in failed.Keys.Except(underWay).ToArray()) failed.Remove(over);
    }

    public void Failed(int block)
    {
        var failures = failed.GetValueOrDefault(block).Failures + 1;
        var pause = FirstPause * Math.Pow(2, Math.Min(failures - 1, 6));
        if (pause > LongestPause) pause = LongestPause;
        failed[block] = (failures, pause, clock.GetUtcNow() + pause);
    }

    /// <summary>A moment further away than its pause comes from a clock that has been set back since: it is not waited for.</summary>
    private TimeSpan Left((int Failures, TimeSpan Pause, DateTimeOffset NotBefore) one) =>
        one.NotBefore - clock.GetUtcNow() is var left && left > TimeSpan.Zero && left <= one.Pause ? left : TimeSpan.Zero;
}
