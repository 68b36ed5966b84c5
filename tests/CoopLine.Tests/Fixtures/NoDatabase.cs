using Xunit.v3;

namespace CoopLine.Tests.Fixtures;

/// <summary>Tests that use no database: one run of them is enough, whatever the others run on.</summary>
[AttributeUsage(AttributeTargets.Class)]
public sealed class NoDatabaseAttribute : Attribute, ITraitAttribute
{
    private const string Trait = "Database";
    private const string None = "none";

    /// <summary>What <c>tests/run</c> leaves out of the second run.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>> GetTraits() => [new(Trait, None)];

    internal static bool IsOn(IXunitTestClass tests) => tests.Traits.TryGetValue(Trait, out var values) && values.Contains(None);

    /// <exception cref="InvalidOperationException">They do use a database.</exception>
    internal static void Check()
    {
        if (TestContext.Current.TestClass is IXunitTestClass tests && IsOn(tests))
            throw new InvalidOperationException($"{tests.TestClassName} is marked [NoDatabase] and uses one.");
    }
}
