using Xunit.v3;

namespace CoopLine.Tests.Fixtures;

/// <summary>Tests that use no database: one run of them is enough, whatever the others run on.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NoDatabaseAttribute : Attribute, ITraitAttribute
{
    private const string Trait = "Database";
    private const string None = "none";

    /// <summary>What <c>tests/run</c> leaves out of the second run, and takes into a quick one.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, None), new("Speed", "quick")];

    internal static bool IsOn(IXunitTestClass tests) => tests.Traits.TryGetValue(Trait, out var values) && values.Contains(None);

    /// <exception cref="InvalidOperationException">They do use a database.</exception>
    internal static void Check()
    {
        if (TestContext.Current.TestClass is IXunitTestClass tests && IsOn(tests))
            throw new InvalidOperationException($"{tests.TestClassName} is marked [NoDatabase] and uses one.");
    }
}

/// <summary>
/// Tests of what is decided before a database is asked, or never asks it: they run once, on SQLite. What the databases
/// might do differently has tests that run on both.
/// </summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class OneDatabaseAttribute : Attribute, ITraitAttribute
{
    /// <summary>What <c>tests/run</c> leaves out of the second run.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new("Database", "one")];
}
