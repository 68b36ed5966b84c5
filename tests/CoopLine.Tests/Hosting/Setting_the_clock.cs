using CoopLine.Silo.Hosting;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Hosting;

/// <summary>
/// Somebody sets the machine's clock back. <c>tests/run --long</c> has it jump during all tests; here is only what was missing then.
/// </summary>
[OneDatabase]
[Collection(typeof(RequestHost))]
public sealed class Setting_the_clock(RunningSystem coop)
{
    [Fact]
    public void Which_grains_are_awake_is_planned_by_a_clock_that_nobody_sets() => Assert.IsType<SteadyClock>(
        coop.Host.Services.GetRequiredKeyedService<TimeProvider>(TimeProviderNames.ActivationManagement));
}
