using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace CoopLine.Silo;

/// <summary>Spans and instruments of storage and of what watches over it. docs/telemetry.md lists them all.</summary>
internal static class Telemetry
{
    public const string Name = "CoopLine.Silo";

    public static readonly ActivitySource Source = new(Name);

    public static readonly Meter Meter = new(Name);

    public static readonly Histogram<long> BatchSize = Meter.CreateHistogram<long>(
        "coopline.storage.batch.size", "{item}", "Reads or writes that went to the database together, by operation.",
        advice: new() { HistogramBucketBoundaries = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512] });

    public static readonly Histogram<double> BatchDuration = Meter.CreateHistogram<double>(
        "coopline.storage.batch.duration", "s", "What one batch took, by operation.",
        advice: new() { HistogramBucketBoundaries = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5] });

    public static readonly Counter<long> Conflicts = Meter.CreateCounter<long>(
        "coopline.storage.conflicts", "{write}", "Writes that found another version: a second activation of the grain had written.");

    public static readonly Counter<long> Overloads = Meter.CreateCounter<long>(
        "coopline.storage.overloads", "{item}", "Reads or writes that were sent away because too many were waiting, by operation.");

    public static readonly Counter<long> Looks = Meter.CreateCounter<long>(
        "coopline.invariant.looks", "{look}", "Rounds in which this process looked for violations: one process of the cluster does.");
}
