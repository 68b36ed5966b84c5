namespace CoopLine.Tests.Fixtures;

/// <summary>A laptop may lack a program, and the tests that need it are skipped. In CI they fail.</summary>
internal static class Ci
{
    public static bool IsHere => Environment.GetEnvironmentVariable("CI") == "true";

    /// <summary>For whoever finds that something is missing, and would go on without it.</summary>
    public static void CannotLack(string what)
    {
        if (IsHere) throw new InvalidOperationException($"CI needs {what}.");
    }
}
