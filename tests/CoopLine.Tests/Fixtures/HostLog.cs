using System.Collections.Concurrent;
using System.Reflection;
using CoopLine.Tests.Fixtures;
using Xunit.v3;

[assembly: ShowHostLog]

namespace CoopLine.Tests.Fixtures;

/// <summary>What the hosts of one test collection wrote last: a test of it that fails shows it.</summary>
internal sealed class HostLog
{
    private const int LinesMax = 300;

    private static readonly ConcurrentDictionary<string, HostLog> ByCollection = new();

    private readonly ConcurrentQueue<string> lines = new();

    /// <summary>Of the collection whose test, or whose fixture, is running here.</summary>
    public static HostLog Current => ByCollection.GetOrAdd(TestContext.Current.TestCollection?.UniqueID ?? "", _ => new());

    public void Add(string line)
    {
        lines.Enqueue($"{TimeProvider.System.GetUtcNow():HH:mm:ss.fff} {line}");
        while (lines.Count > LinesMax) lines.TryDequeue(out _);
    }

    public override string ToString() => string.Join('\n', lines);
}

[AttributeUsage(AttributeTargets.Assembly)]
public sealed class ShowHostLogAttribute : BeforeAfterTestAttribute
{
    public override void After(MethodInfo methodUnderTest, IXunitTest test)
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed)
            TestContext.Current.TestOutputHelper?.WriteLine($"== log of the host\n{HostLog.Current}");
    }
}
