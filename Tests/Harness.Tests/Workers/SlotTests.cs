using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Workers.Checkpoints;
using Harness.Workers.Connection;
using Harness.Workers.Settings;
using Harness.Workers.Slots;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Workers;

/// <summary>A slot with a trainer that is a script: what it says and how it ends is the test's choice.</summary>
public sealed class SlotTests : IDisposable
{
    private const string Ready =
        """{"type":"ready","protocol":1,"process_id":1,"environment":{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":2,"devices":["cpu"],"threads":1}}""";

    private const string Progress = """{"type":"progress","attempt":"trial#1","step":3,"steps":9,"loss":0.5}""";
    private const string Points = """{"type":"metrics","attempt":"trial#1","metric":"train.loss","first_step":1,"stride":1,"values":[0.5]}""";
    private const string Stopped = """{"type":"stopped","attempt":"trial#1","step":3}""";

    private readonly TemporaryFolder folder = new();
    private readonly FakeOrchestrator orchestrator = new();

    public SlotTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: the trainer is a shell script.");

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_report_in_flight_that_fails_when_the_attempt_ends_travels_with_the_end()
    {
        var reporting = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        orchestrator.OnReport = _ =>
        {
            File.WriteAllText(folder.File("reported"), "");
            return reporting.Task;
        };
        await using var slot = Slot($"""
            echo '{Ready}'; read request; echo '{Points}'
            while [ ! -e {folder.File("reported")} ]; do sleep 0.05; done
            echo '{Stopped}'; touch {folder.File("ended")}; read more
            """);

        var run = slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await Until(() => File.Exists(folder.File("ended")));
        reporting.SetException(new TimeoutException("no answer"));
        await run;

        var end = orchestrator.Completions.ShouldHaveSingleItem();
        end.End.ShouldBe(AttemptEnd.Drained);
        end.Remainder!.Metrics.ShouldHaveSingleItem().Metric.ShouldBe("train.loss");
    }

    [Fact]
    public async Task A_cancelled_call_that_nobody_here_cancelled_is_tried_again()
    {
        orchestrator.OnComplete = call => call == 1 ? Task.FromException<bool>(new OperationCanceledException("the silo stops")) : Task.FromResult(true);
        await using var slot = Slot($"echo '{Ready}'; read request; echo '{Stopped}'; read more");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.Drained, AttemptEnd.Drained]);
    }

    [Fact]
    public async Task A_lease_is_kept_alive_while_its_trainer_is_still_starting()
    {
        await using var slot = Slot($"""
            while [ ! -e {folder.File("go")} ]; do sleep 0.05; done
            echo '{Ready}'; read request; echo '{Stopped}'; read more
            """);
        var lease = NewLease();

        var run = slot.Run([lease], TestContext.Current.CancellationToken);
        slot.Running.ShouldHaveSingleItem().Lease.ShouldBe(lease);
        await File.WriteAllTextAsync(folder.File("go"), "", TestContext.Current.CancellationToken);
        await run;

        slot.Running.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_trainer_that_does_not_come_up_is_killed_and_the_next_lease_gets_a_new_one()
    {
        await using var slot = Slot($"""
            if [ ! -e {folder.File("second")} ]; then touch {folder.File("second")}; echo 'stuck' >&2; exec sleep 600; fi
            echo '{Ready}'; read request; echo '{Stopped}'; read more
            """, TimeSpan.FromSeconds(2));

        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);

        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.NativeCrash, AttemptEnd.Drained]);
        orchestrator.Completions[0].Message!.ShouldContain("stuck");
    }

    [Fact]
    public async Task A_request_that_the_trainer_cannot_read_ends_the_attempt()
    {
        await using var slot = Slot($$"""echo '{{Ready}}'; read request; echo '{"type":"rejected","message":"what is this?"}'; read more""");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        end.End.ShouldBe(AttemptEnd.UserError);
        end.Message.ShouldBe("what is this?");
    }

    [Fact]
    public async Task A_trainer_that_died_idle_costs_the_next_trial_nothing()
    {
        await using var slot = Slot($"""
            echo '{Ready}'; read request; echo '{Stopped}'
            if [ ! -e {folder.File("second")} ]; then touch {folder.File("second")}; read more; exit 4; fi
            read more
            """);

        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);

        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.Drained, AttemptEnd.Drained]);
    }

    [Fact]
    public async Task A_trainer_that_falls_silent_is_killed_and_called_hung()
    {
        await using var slot = Slot($"echo '{Ready}'; read request; echo '{Progress}'; exec sleep 600");
        await slot.Run([NewLease() with { Terms = new AttemptTerms(HungSeconds: 0.4) }], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        end.End.ShouldBe(AttemptEnd.Hung);
        end.Message!.ShouldContain("0.4 s");
    }

    [Fact]
    public async Task What_became_of_checkpoints_is_told()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request
            echo '{"type":"resumed","attempt":"trial#1","step":5,"file":"b.ckpt","refused":[{"file":"c.ckpt","reason":"its hash is wrong"}]}'
            echo '{"type":"checkpointed","attempt":"trial#1","step":7,"file":"d.ckpt"}'
            echo '{"type":"checkpointed","attempt":"trial#1","step":8,"failure":"No space left on device."}'
            echo '{{Stopped}}'; read more
            """);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var news = orchestrator.Completions.ShouldHaveSingleItem().Remainder!.Checkpoint!;
        (news.ResumedFrom, news.SavedStep).ShouldBe((5, 7));
        news.Troubles.ShouldBe(["c.ckpt was refused: its hash is wrong.", "No checkpoint at step 8: No space left on device."]);
    }

    [Fact]
    public async Task A_timing_trial_is_asked_for_without_checkpoints_and_ends_with_what_it_measured()
    {
        var checkpoints = CheckpointFiles.In(folder.Path, NullLogger.Instance);
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request; echo "$request" > {{folder.File("request")}}
            echo '{"type":"started","attempt":"trial#1","parameters":1,"parameters_total":2,"baseline_loss":"NaN","device":"cpu"}'
            echo '{"type":"progress","attempt":"trial#1","step":3,"steps":30,"loss":"NaN"}'
            echo '{"type":"timed","attempt":"trial#1","result":{"seconds":2.5,"calibration_ms":[1],"matmul_gflops":[50],"multiply_add_gflops":[80],"arms":[] } }'; read more
            """, files: checkpoints);
        var lease = NewLease();
        var spec = JsonSerializer.Deserialize(lease.Spec, HarnessJson.Default.TrialSpec)!;
        await slot.Run([lease with { Spec = JsonSerializer.Serialize(spec with { Timing = new TimingSpec(5, 30, [new(spec, 1)]) }, HarnessJson.Default.TrialSpec) }], TestContext.Current.CancellationToken);

        var end = orchestrator.Completions.ShouldHaveSingleItem();
        end.End.ShouldBe(AttemptEnd.Completed);
        JsonSerializer.Deserialize(end.Outcome!, HarnessJson.Default.TimingResult)!.Seconds.ShouldBe(2.5);
        (await File.ReadAllTextAsync(folder.File("request"), TestContext.Current.CancellationToken)).ShouldNotContain("checkpoint");
    }

    [Fact]
    public async Task A_pack_is_asked_for_at_once_and_each_of_it_ends_by_itself()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request; echo "$request" > {{folder.File("request")}}
            echo '{"type":"progress","attempt":"a#1","step":3,"steps":9,"loss":0.5}'
            echo '{"type":"errored","attempt":"b#1","reason":"device_out_of_memory","message":"too big"}'
            while [ ! -e {{folder.File("go")}} ]; do sleep 0.05; done
            echo '{"type":"errored","attempt":"a#1","reason":"error","message":"its own"}'; read more
            """);
        var run = slot.Run([NewLease("a"), NewLease("b")], TestContext.Current.CancellationToken);
        await Until(() => orchestrator.Completions.Count == 1 && slot.Running.Count == 1);
        slot.Running[0].Lease.Attempt.Trial.ShouldBe("a");
        await File.WriteAllTextAsync(folder.File("go"), "", TestContext.Current.CancellationToken);
        await run;

        orchestrator.Completions.Select(end => (end.Attempt.Trial, end.End, end.Shared)).ShouldBe([("b", AttemptEnd.GpuOutOfMemory, true), ("a", AttemptEnd.UserError, false)]);
        var request = JsonSerializer.Deserialize(await File.ReadAllTextAsync(folder.File("request"), TestContext.Current.CancellationToken), HarnessJson.Default.TrainerRequest);
        request.ShouldBeOfType<TrainPackRequest>().Trials.Select(trial => trial.Attempt).ShouldBe(["a#1", "b#1"]);
    }

    [Fact]
    public async Task What_befell_a_step_of_all_is_the_own_failure_of_none_not_even_of_the_last()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request
            echo '{"type":"errored","attempt":"a#1","reason":"error","message":"nobody knows","shared":true}'
            echo '{"type":"errored","attempt":"b#1","reason":"device_out_of_memory","message":"too big","shared":true}'; read more
            """);
        await slot.Run([NewLease("a"), NewLease("b")], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => (end.Attempt.Trial, end.End, end.Shared)).ShouldBe([("a", AttemptEnd.UserError, true), ("b", AttemptEnd.GpuOutOfMemory, true)], ignoreOrder: true);
    }

    [Fact]
    public async Task What_a_dead_trainer_had_not_taken_up_goes_to_the_next_and_the_rest_is_told()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request; echo "$request" >> {{folder.File("requests")}}
            if [ ! -e {{folder.File("second")}} ]; then touch {{folder.File("second")}}; echo '{"type":"progress","attempt":"a#1","step":3,"steps":9,"loss":0.5}'; kill -11 $$; fi
            echo '{"type":"stopped","attempt":"b#1","step":3}'; read more
            """);
        await slot.Run([NewLease("a"), NewLease("b")], TestContext.Current.CancellationToken);

        orchestrator.Completions.Select(end => (end.Attempt.Trial, end.End, end.Shared)).ShouldBe([("a", AttemptEnd.NativeCrash, true), ("b", AttemptEnd.Drained, false)]);
        (await File.ReadAllLinesAsync(folder.File("requests"), TestContext.Current.CancellationToken)).Length.ShouldBe(2);
    }

    [Fact]
    public async Task One_of_a_pack_that_is_stopped_leaves_the_others_alone()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request
            echo '{"type":"progress","attempt":"a#1","step":3,"steps":9,"loss":0.5}'
            read stop; echo "$stop" > {{folder.File("stop")}}; echo '{"type":"stopped","attempt":"b#1","step":3}'
            echo '{"type":"stopped","attempt":"a#1","step":9}'; read more
            """);
        var run = slot.Run([NewLease("a"), NewLease("b")], TestContext.Current.CancellationToken);
        await Until(() => slot.Running.Any(attempt => attempt.HasBegun));
        slot.Running[1].Stop(StopReason.Revoked);
        await run;

        // The one that was taken from us says nothing.
        orchestrator.Completions.Select(end => end.Attempt.Trial).ShouldBe(["a"]);
        (await File.ReadAllTextAsync(folder.File("stop"), TestContext.Current.CancellationToken)).ShouldContain("\"b#1\"");
    }

    [Theory]
    [InlineData("kill -9 $$", AttemptEnd.Killed, 137)]
    [InlineData("kill -11 $$", AttemptEnd.NativeCrash, 139)]
    [InlineData("exit 3", AttemptEnd.NativeCrash, 3)]
    public async Task The_exit_code_says_how_an_attempt_ended(string death, AttemptEnd expected, int code)
    {
        await using var slot = Slot($"echo '{Ready}'; read request; echo '{Progress}'; echo 'last words' >&2; {death}");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        (end.End, end.ExitCode).ShouldBe((expected, code));
        end.Message!.ShouldContain("last words");
    }

    private Slot Slot(string script, TimeSpan? patience = null, CheckpointFiles? files = null)
    {
        var path = folder.File("trainer");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new WorkerOptions { Slots = 1, Trainer = path, TrainerStartTimeout = patience ?? TimeSpan.FromMinutes(1), Files = files };
        return new Slot(0, options, new OrchestratorLink(orchestrator.Grains, TimeProvider.System, NullLogger.Instance), courier: null, TimeProvider.System, NullLogger.Instance);
    }

    private static Lease NewLease(string trial = "trial")
    {
        var spec = new TrialSpec(
            TrialSpec.RevisionOf(KernelPath.Library), new TaskSpec("adding", 10, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec("rnn", KernelPath.Library, 4, 1, false, "tanh", InitKind.Default), new TrainSpec(9, 4, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1),
            new EvaluationSpec(5, 10), new ProbeSpec([], 4), null, Precision.Float32, DeviceKind.Cpu, 1);
        return new Lease(new AttemptKey(trial, 1, "w"), JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec), "a trial", TimeSpan.FromSeconds(15));
    }

    private static async Task Until(Func<bool> holds)
    {
        while (!holds()) await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
    }
}
