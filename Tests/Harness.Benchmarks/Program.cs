using Harness.Benchmarks;

// Figures that issues and documents name, measured; nothing here passes or fails. Quiet machines give steadier numbers.
var benchmarks = new Dictionary<string, Func<Task>>(StringComparer.Ordinal)
{
    ["api"] = ApiBenchmark.Run,
    ["cluster"] = ClusterBenchmark.Run,
    ["plan"] = PlanBenchmark.Run,
    ["reader"] = ReaderBenchmark.Run,
    ["report"] = ReportBenchmark.Run,
    ["store"] = StoreBenchmark.Run,
    ["scheduler"] = SchedulerBenchmark.Run,
    ["trainer"] = TrainerBenchmark.Run,
    ["verdicts"] = VerdictBenchmark.Run,
    ["sequential"] = SequentialBenchmark.Run,
    ["engine"] = EngineBenchmark.OneThread,
    ["subnormals"] = SubnormalBenchmark.Run,
    ["cores"] = EngineBenchmark.TwoCores,
    ["evaluation"] = EvaluationBenchmark.Run,
    ["overhead"] = OverheadBenchmark.Run,
    ["start"] = OverheadBenchmark.Start,
    ["slots"] = OverheadBenchmark.Slots,
    ["packs"] = PackBenchmark.Run,
    ["batched"] = PackBenchmark.Batched,
    ["losses"] = LossBenchmark.Run,
    ["memory"] = MemoryBenchmark.Run,
    ["ownfile"] = OwnFileBenchmark.Run,
};
// As a child of one of them.
if (args is [BareLoop.Word or Rival.Word or ApiBenchmark.UnderServersSettings or MemoryBenchmark.UnderServersSettings])
{
    if (args[0] == BareLoop.Word) BareLoop.Serve();
    else if (args[0] == Rival.Word) Rival.Serve();
    else if (args[0] == MemoryBenchmark.UnderServersSettings) await MemoryBenchmark.MeasureHere();
    else await ApiBenchmark.MeasureHere();
    return 0;
}

var unknown = args.Where(name => !benchmarks.ContainsKey(name)).ToArray();
if (unknown.Length > 0)
{
    Console.Error.WriteLine($"There is no benchmark '{unknown[0]}'. Known: {string.Join(", ", benchmarks.Keys)}.");
    return 2;
}

Console.WriteLine("| benchmark | figure | value |");
Console.WriteLine("| --- | --- | --- |");
foreach (var (name, run) in benchmarks)
{
    if (args.Length == 0 || args.Contains(name, StringComparer.Ordinal)) await run();
}

return 0;
