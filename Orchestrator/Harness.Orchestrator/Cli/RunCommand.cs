using System.CommandLine;
using System.Runtime.ExceptionServices;
using Harness.Abstractions.Results;
using Harness.Experiments.Planning;
using Harness.Reports;
using Harness.Scheduling;
using Harness.Server;
using Harness.Server.Api;
using Harness.Server.Hosting;
using Harness.Store;
using Harness.Store.Exports;
using Harness.Store.Files;
using Harness.Workers.Settings;
using Microsoft.Data.Sqlite;

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
        var slots = SharedOptions.Slots("Trials at once. Default: run.slots of the file, else one per core.");
        var output = new Option<string?>("--out") { Description = "Where the report goes; - is standard output. Default: reports/NAME.html in the data folder.", HelpName = "FILE" };
        var dashboard = new Option<bool>("--dashboard") { Description = "Offer the dashboard on this machine while the experiment runs, and print a link to it." };
        var board = new Option<string?>("--tensorboard") { Description = "A folder that gets TensorBoard's event files while the experiment runs.", HelpName = "DIR" };
        var open = SharedOptions.Open();
        var format = OutputOption.Create(OutputOption.Human, OutputOption.Json);
        var verbose = SharedOptions.Verbose();
        var command = new Command("run", "Run an experiment: train the trials that have no result yet, then write the report.") { spec, data, set, roots, slots, output, open, format, dashboard, board, verbose };
        command.SetAction((parsed, _) => Run(new RunRequest(
            parsed.GetValue(spec)!, parsed.GetValue(data)!, parsed.GetValue(set) ?? [], parsed.GetValue(roots) ?? [], parsed.GetValue(slots), parsed.GetValue(output), parsed.GetValue(dashboard), parsed.GetValue(verbose), parsed.GetValue(open), parsed.GetValue(format) == OutputOption.Json, parsed.GetValue(board))));
        return command;
    }

    private static async Task<int> Run(RunRequest request)
    {
        if (request is { AsJson: true, Output: UnfinishedFile.StandardOutput })
        {
            await Console.Error.WriteLineAsync("error: --output json and --out - both want standard output. Name a file with --out.");
            return ExitCode.Usage;
        }

        if (await SpecInput.Read(request.Spec, request.Changes, request.DataRoots) is not var (text, plan)) return ExitCode.Usage;
        LiveTensorBoard.Check(request.Board);
        using var signals = new Interruption();
        if (ServerClient.Find(request.Data) is { } server)
        {
            using (server) return await RunOnServer(server, text, plan, request, signals);
        }

        using var loggers = Logging.ToStandardError(request.Verbose);
        await using var harness = await EmbeddedHarness.Open(request.Data, loggers);
        var experiment = await harness.Submit(plan, text, request.Spec);
        var progress = harness.Scheduler.Progress(experiment)!;
        IReadOnlyList<WaitingReason>? reasons = [];
        await using (LiveTensorBoard.Start(request.Board, request.Data, experiment))
        {
            if (!progress.Finished)
            {
                await using var api = request.Dashboard ? await ApiServer.Start(harness, loggers, new ApiServerOptions(IsService: false)) : null;
                if (api is not null) await Console.Error.WriteLineAsync($"Dashboard, while this runs (the link works once): {api.NewLink()}");
                reasons = await Train(harness, plan, experiment, request, signals);
                progress = harness.Scheduler.Progress(experiment)!;
            }
        }

        if (reasons is null)
        {
            await Console.Error.WriteLineAsync($"Interrupted: {progress.Ended} of {progress.Total} trials are done and kept. To resume, run the same command again:");
            await Console.Error.WriteLineAsync($"  {RunRequest.CommandLine}");
            return ExitCode.Interrupted;
        }

        using var connection = harness.Database.Connect();
        return await Conclude(connection, progress.Count(TrialState.Failed) > 0, reasons, experiment, plan, request);
    }

    /// <summary>Writes the report of what is there and says what is not.</summary>
    /// <param name="hasGaps">Whether a trial ended without a result.</param>
    /// <param name="reasons">Why not everything could be trained, if so.</param>
    private static async Task<int> Conclude(
        SqliteConnection connection, bool hasGaps, IReadOnlyList<WaitingReason> reasons, long experiment, ExperimentPlan plan, RunRequest request)
    {
        var results = new ResultsReader(connection).Read(experiment);
        var path = await ReportFile.Write(results, request.Output ?? FileNames.ReportIn(request.Data, plan.Name));
        var (isPiped, database) = (path == UnfinishedFile.StandardOutput, Path.GetFullPath(connection.DataSource));
        var summary = ExperimentAnswer.Of(results);
        if (request.AsJson)
        {
            await OutputOption.Write(new RunReply(1, experiment, isPiped ? null : path, database, summary), ApiJson.Default.RunReply);
        }
        else
        {
            // A report on standard output stands there alone.
            var talk = isPiped ? Console.Error : Console.Out;
            await talk.WriteAsync(RunSummary.Text(results));
            await ReportFile.Tell("report", path);
            await talk.WriteLineAsync($"database  {database}");
            await talk.WriteLineAsync();
            await talk.WriteAsync(AnswerText.Of(summary));
            foreach (var recommendation in summary.Recommendations) await talk.WriteLineAsync(recommendation);
        }

        if (request.Open) await ReportFile.Open(path);
        if (reasons.Count > 0) await Console.Error.WriteLineAsync("Not everything can be trained here:");
        foreach (var reason in reasons)
            await Console.Error.WriteLineAsync($"  {reason.Trials} trial{(reason.Trials == 1 ? "" : "s")}: {reason.Sentence}");
        return reasons.Count > 0 || hasGaps ? ExitCode.Failures : ExitCode.Ok;
    }

    /// <summary>Hands the experiment to the server that runs on the data folder, and follows it there.</summary>
    private static async Task<int> RunOnServer(ServerClient server, string text, ExperimentPlan plan, RunRequest request, Interruption signals)
    {
        using var watched = new WatchedServer(server, () => ServerClient.Find(request.Data), TimeProvider.System);
        long experiment;
        try
        {
            experiment = await watched.Submit(new SubmitRequest(text, Path.GetFullPath(request.Spec), request.Changes, [.. request.DataRoots.Select(Path.GetFullPath)]), signals.First);
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync($"Interrupted before {watched.Name} confirmed the experiment. To resume, run the same command again.");
            return ExitCode.Interrupted;
        }

        await Console.Error.WriteLineAsync($"Experiment {experiment} is submitted to {watched.Name}. Ctrl-C ends watching, not training; 'harness cancel {experiment}' cancels it.");
        await using var board = LiveTensorBoard.Start(request.Board, request.Data, experiment);
        // A worker may come that has what is missing: nothing is stuck for good here.
        var (latest, isOver) = await WatchCommand.Watch(watched, experiment, OutputOption.Human, signals.First);
        if (!isOver)
        {
            await WatchCommand.TellWaiting(latest);
            await Console.Error.WriteLineAsync("The experiment keeps running. To watch again, run the same command again.");
            return ExitCode.Interrupted;
        }

        await using var connection = ResultsDatabase.ConnectForReading(request.Data);
        return await Conclude(connection, WatchCommand.HasGaps(latest!.Experiment), [], experiment, plan, request);
    }

    /// <returns>Why not everything could be trained, empty when all is done; null when a person interrupted it.</returns>
    private static async Task<IReadOnlyList<WaitingReason>?> Train(EmbeddedHarness harness, ExperimentPlan plan, long experiment, RunRequest request, Interruption signals)
    {
        var options = new WorkerOptions { Slots = request.Slots ?? plan.Run.Slots ?? Environment.ProcessorCount };
        var remaining = new RemainingTime(plan, options.Slots);
        try
        {
            await harness.StartSilo(options, cluster: null, signals.First);
            await Follow(harness, remaining, experiment, signals.First);
            // Asked before the worker leaves: without it, nothing can be trained.
            return harness.Scheduler.Progress(experiment)!.IsStuck ? harness.Scheduler.Reasons(experiment) : [];
        }
        catch (OperationCanceledException) when (signals.First.IsCancellationRequested)
        {
            var running = harness.Scheduler.Progress(experiment)!.Running.Count;
            if (running > 0)
            {
                await Console.Error.WriteLineAsync(
                    $"Stopping: {running} running trial{(running == 1 ? "" : "s")} {(running == 1 ? "leaves a checkpoint and is" : "leave checkpoints and are")} released. Press Ctrl-C again to exit at once.");
            }

            await using var second = signals.Second.Register(() => harness.Worker?.StopNow());
            await harness.StopSilo();
            // A database that takes no writes keeps nobody here: what is not on disk is trained again.
            await Task.WhenAny(harness.Store.Flush(), Task.Delay(TimeSpan.FromSeconds(5), TimeProvider.System, CancellationToken.None));
            return null;
        }
        finally
        {
            await harness.StopSilo();
        }
    }

    /// <summary>Shows progress until the experiment is finished and on disk.</summary>
    private static async Task Follow(EmbeddedHarness harness, RemainingTime remaining, long experiment, CancellationToken interruption)
    {
        using var end = CancellationTokenSource.CreateLinkedTokenSource(interruption);
        var failure = harness.Failure();
        var following = new ProgressDisplay().Follow(() => Task.FromResult(Picture()), end.Token);
        if (await Task.WhenAny(following, failure) == failure)
        {
            await end.CancelAsync();
            await following.ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            // Nothing can be stored any more: what runs is abandoned where it is.
            harness.Worker?.StopNow();
            ExceptionDispatchInfo.Throw(await failure);
        }

        await following;
        // What the display saw was decided, not yet stored.
        await harness.Store.Flush();

        ProgressPicture Picture()
        {
            var picture = remaining.Picture(harness.Scheduler.Progress(experiment)!);
            // As long as nothing can be stored, no time that is left means anything.
            return harness.Store.Trouble is { } trouble ? picture with { Left = $"waiting for the database: {trouble}" } : picture;
        }
    }

    private sealed record RunRequest(string Spec, string Data, string[] Changes, string[] DataRoots, int? Slots, string? Output, bool Dashboard, bool Verbose, bool Open, bool AsJson, string? Board)
    {
        public static string CommandLine => string.Join(' ', ["./harness", .. Environment.GetCommandLineArgs().Skip(1)]);
    }
}
