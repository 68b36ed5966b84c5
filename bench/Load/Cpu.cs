namespace CoopLine.Load;

/// <summary>Seconds of processor time, until a moment or between two.</summary>
/// <param name="Server">The contender whose turn it is.</param>
/// <param name="Postgres">With all of its processes.</param>
/// <param name="Load">This process.</param>
/// <param name="Idle">The other contenders, who have nothing to do.</param>
/// <param name="Foreign">Everybody else on this machine, and the host's other machines.</param>
internal readonly record struct Cpu(double Server, double Postgres, double Load, double Idle, double Foreign)
{
    public static Cpu operator -(Cpu after, Cpu before) => new(
        after.Server - before.Server, after.Postgres - before.Postgres, after.Load - before.Load, after.Idle - before.Idle,
        after.Foreign - before.Foreign);

    public static Cpu Now(Contender active, IEnumerable<Contender> all)
    {
        var server = active.CpuSeconds;
        var idle = all.Where(one => one != active).Sum(one => one.CpuSeconds);
        var postgres = Processes.CpuSeconds(CoopLine.Load.Postgres.ProcessId);
        var load = Processes.OwnCpuSeconds(Environment.ProcessId);
        return new(server, postgres, load, idle, Machine.CpuSeconds() - server - idle - postgres - load);
    }
}

/// <summary>One turn.</summary>
/// <param name="Wal">Bytes of the whole PostgreSQL.</param>
/// <param name="Bytes">By which the database's files grew.</param>
/// <param name="RanOut">There were too few calls: at the end some connections had nothing to send.</param>
internal sealed record Turn(LoadResult Load, TimeSpan Took, Cpu Cpu, double Wal, double Bytes, bool RanOut)
{
    public double IdlePercent => 100 * Cpu.Idle / Took.TotalSeconds;

    public double ForeignPercent => 100 * Cpu.Foreign / Took.TotalSeconds;
}
