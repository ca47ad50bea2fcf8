using System.CommandLine;
using System.Globalization;
using System.Runtime.ExceptionServices;
using Harness.Experiments.Planning;
using Harness.Experiments.Results;
using Harness.Orchestrator.Hosting;
using Harness.Orchestrator.Scheduling;
using Harness.Orchestrator.Store;
using Harness.Workers;

namespace Harness.Orchestrator.Cli;

/// <summary><c>harness run FILE</c>: train what is not yet trained, then report.</summary>
internal static class RunCommand
{
    public static Command Create()
    {
        var spec = SharedOptions.Spec();
        var data = SharedOptions.Data();
        var set = SharedOptions.Set();
        var roots = SharedOptions.DataRoot();
        var slots = new Option<int?>("--slots") { Description = "Trials at once. Default: run.slots of the file, else one per core.", HelpName = "N" };
        slots.Validators.Add(result =>
        {
            // Not by its value: asking for the value of a word that is no number throws.
            var text = result.Tokens.Count == 1 ? result.Tokens[0].Value : "";
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number is < 1 or > 1024)
                result.AddError("--slots: expected a number from 1 to 1024.");
        });
        var output = new Option<string?>("--out") { Description = "Where the report goes. Default: reports/NAME.html in the data folder.", HelpName = "FILE" };
        var verbose = new Option<bool>("--verbose", "-v") { Description = "Log what scheduler and worker do to standard error." };
        var command = new Command("run", "Run an experiment: train what is not yet trained, then write the report.") { spec, data, set, roots, slots, output, verbose };
        command.SetAction((parsed, _) => Run(new RunRequest(
            parsed.GetValue(spec)!, parsed.GetValue(data)!, parsed.GetValue(set) ?? [], parsed.GetValue(roots) ?? [], parsed.GetValue(slots), parsed.GetValue(output), parsed.GetValue(verbose))));
        return command;
    }

    private static async Task<int> Run(RunRequest request)
    {
        if (await SpecInput.Read(request.Spec, request.Changes, request.DataRoots) is not var (text, plan)) return ExitCode.Usage;
        using var signals = new Interruption();
        using var loggers = Logging.ToStandardError(request.Verbose);
        await using var harness = await EmbeddedHarness.Open(request.Data, loggers);
        var experiment = await harness.Submit(plan, text, request.Spec);
        var progress = harness.Scheduler.Progress(experiment)!;
        var interrupted = false;
        IReadOnlyList<WaitingReason> untrainable = [];
        if (!progress.Finished)
        {
            (var completed, untrainable) = await Train(harness, plan, experiment, request, signals);
            interrupted = !completed;
            progress = harness.Scheduler.Progress(experiment)!;
        }

        if (interrupted)
        {
            await Console.Error.WriteLineAsync($"Interrupted: {progress.Ended} of {progress.Total} trials are done and kept. To go on, run the same command again:");
            await Console.Error.WriteLineAsync($"  {RunRequest.CommandLine}");
            return ExitCode.Interrupted;
        }

        using var connection = harness.Database.Connect();
        var results = new ResultsReader(connection).Read(experiment);
        var path = await ReportFile.Write(results, request.Output ?? ReportFile.DefaultPath(request.Data, plan.Name));
        await Console.Out.WriteAsync(RunSummary.Text(results));
        await Console.Out.WriteLineAsync($"report    {path}");
        await Console.Out.WriteLineAsync($"database  {harness.Database.Path}");
        if (untrainable.Count > 0) await Console.Error.WriteLineAsync("Not everything can be trained here:");
        foreach (var reason in untrainable)
            await Console.Error.WriteLineAsync($"  {reason.Trials} trial{(reason.Trials == 1 ? "" : "s")}: {reason.Sentence}");
        return untrainable.Count > 0 || progress.Count(TrialState.Failed) > 0 ? ExitCode.Failures : ExitCode.Ok;
    }

    /// <returns>False when a person interrupted it.</returns>
    /// <returns>Whether it went on to its end, and why what still waits cannot be trained here; that is asked while the worker is still there.</returns>
    private static async Task<(bool Completed, IReadOnlyList<WaitingReason> Untrainable)> Train(EmbeddedHarness harness, ExperimentPlan plan, long experiment, RunRequest request, Interruption signals)
    {
        var options = new WorkerOptions { Slots = request.Slots ?? plan.Run.Slots ?? Environment.ProcessorCount };
        var display = new ProgressDisplay(plan, options.Slots);
        try
        {
            await harness.StartWorker(options, signals.First);
            await Follow(harness, display, experiment, signals.First);
            return (true, harness.Scheduler.Progress(experiment)!.IsStuck ? harness.Scheduler.Reasons(experiment) : []);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            var running = harness.Scheduler.Progress(experiment)!.Running.Count;
            if (running > 0)
            {
                await Console.Error.WriteLineAsync(
                    $"Stopping: {running} running trial{(running == 1 ? "" : "s")} {(running == 1 ? "leaves a checkpoint and is" : "leave checkpoints and are")} given back. Press Ctrl-C again to leave at once.");
            }

            await using var second = signals.Second.Register(() => harness.Worker?.StopNow());
            await harness.StopWorker();
            // A database that takes no writes keeps nobody here: what is not on disk is trained again.
            await Task.WhenAny(harness.Store.Flush(), Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None));
            return (false, []);
        }
        finally
        {
            await harness.StopWorker();
        }
    }

    /// <summary>Shows progress until the experiment is finished and on disk.</summary>
    private static async Task Follow(EmbeddedHarness harness, ProgressDisplay display, long experiment, CancellationToken interruption)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        var failure = harness.Failure();
        var following = display.Follow(() => harness.Scheduler.Progress(experiment)!, end.Token);
        if (await Task.WhenAny(following, failure) == failure)
        {
            await end.CancelAsync();
            await following.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            // Nothing can be stored any more: what runs is given up where it is.
            harness.Worker?.StopNow();
            ExceptionDispatchInfo.Throw(await failure);
        }

        await following;
        // What the display saw was decided, not yet stored.
        await harness.Store.Flush();
    }

    private sealed record RunRequest(string Spec, string Data, string[] Changes, string[] DataRoots, int? Slots, string? Output, bool Verbose)
    {
        public static string CommandLine => string.Join(' ', ["./harness", .. Environment.GetCommandLineArgs().Skip(1)]);
    }
}
