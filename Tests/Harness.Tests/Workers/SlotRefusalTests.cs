using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Workers.Connection;
using Harness.Workers.Settings;
using Harness.Workers.Slots;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Harness.Tests.Workers;

/// <summary>What a slot does with lines that cannot be read, with messages that the server refuses, and with a trainer that does not come up.</summary>
public sealed class SlotRefusalTests : IDisposable
{
    private const string Ready =
        """{"type":"ready","protocol":1,"process_id":1,"environment":{"harness":"t","operating_system":"o","runtime":"r","torch_sharp":"t","libtorch":"l","libtorch_source":"s","processor":"p","processor_count":2,"devices":["cpu"],"threads":1}}""";

    private const string Points = """{"type":"metrics","attempt":"trial#1","metric":"train.loss","first_step":1,"stride":1,"values":[0.5]}""";
    private const string Stopped = """{"type":"stopped","attempt":"trial#1","step":3}""";

    private const string Finished =
        """{"type":"finished","attempt":"trial#1","outcome":{"kind":"Completed","steps":9,"final_loss":"NaN","baseline_loss":1,"solved":false,"parameters":1,"parameters_total":2,"train_seconds":1,"evaluation_seconds":0,"probe_seconds":0}}""";

    private readonly TemporaryFolder folder = new();
    private readonly FakeOrchestrator orchestrator = new();
    private readonly Lines log = new();

    public SlotRefusalTests() => Assert.SkipUnless(OperatingSystem.IsLinux(), "SKIPPED: the trainer is a shell script.");

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("""{"type":"rejected"}""", "'rejected': Message is missing")]
    [InlineData("""{"type":"rejected","message":null}""", "'rejected'")]
    [InlineData("""{"type":"rejected","attempt":"trial#1","message":null}""", "'rejected'")]
    [InlineData("""{"type":"finished","attempt":"trial#1"}""", "'finished': Outcome is missing")]
    [InlineData("""{"type":"finished","attempt":"trial#1","outcome":{"kind":7,"steps":9}}""", "'finished'")]
    [InlineData("""{"type":"errored","attempt":"trial#1","message":7}""", "'errored'")]
    [InlineData("""{"type":"metrics","attempt":"trial#1","metric":null,"values":null}""", "'metrics'")]
    [InlineData("""{"type":"timed","attempt":"trial#1","result":{}}""", "'timed'")]
    public async Task A_frame_that_cannot_be_read_ends_its_attempt_at_once(string line, string reason)
    {
        // It says nothing more: without the end, the attempt would last until the trainer is taken for hung.
        await using var slot = Slot($"echo '{Ready}'; read request; echo '{line}'; sleep 600");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        end.End.ShouldBe(AttemptEnd.UserError);
        end.Message!.ShouldContain(reason);
    }

    [Fact]
    public async Task The_trainer_of_an_unreadable_frame_is_replaced_before_the_next_trial()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request
            if [ ! -e {{folder.File("second")}} ]; then touch {{folder.File("second")}}; echo '{"type":"rejected"}'; sleep 600; fi
            echo '{{Finished}}'; read more
            """);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.UserError, AttemptEnd.Completed]);
    }

    [Fact]
    public async Task A_line_of_a_native_library_costs_nothing()
    {
        await using var slot = Slot($$"""echo '{{Ready}}'; read request; echo '{"level":"warn"}'; echo 'Intel MKL WARNING'; echo '{"type":"banner"}'; echo '{{Finished}}'; read more""");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.ShouldHaveSingleItem().End.ShouldBe(AttemptEnd.Completed);
    }

    [Fact]
    public async Task A_report_that_the_server_refuses_fails_its_attempt_with_the_reason()
    {
        orchestrator.OnReport = _ => Task.FromException<bool>(new MessageRefusedException("junk is no metric"));
        // Asked to stop, it finishes all the same: the measurements have a hole, so there is no result.
        await using var slot = Slot($"echo '{Ready}'; read request; echo '{Points}'; read stop; echo '{Finished}'; read more");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        (end.End, end.Outcome, end.Remainder).ShouldBe((AttemptEnd.UserError, null, null));
        end.Message.ShouldBe("The server refused its measurements: junk is no metric");
    }

    [Fact]
    public async Task A_trainer_that_does_not_stop_after_a_refusal_is_killed()
    {
        orchestrator.OnReport = _ => Task.FromException<bool>(new MessageRefusedException("no"));
        await using var slot = Slot($"echo '{Ready}'; read request; while true; do echo '{Points}'; sleep 0.1; done");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.ShouldHaveSingleItem().End.ShouldBe(AttemptEnd.UserError);
    }

    [Fact]
    public async Task A_result_that_the_server_refuses_fails_its_attempt_and_the_worker_goes_on()
    {
        orchestrator.OnComplete = call => call == 1 ? Task.FromException<bool>(new MessageRefusedException("the outcome is missing")) : Task.FromResult(true);
        await using var slot = Slot($"echo '{Ready}'; while read request; do echo '{Points}'; echo '{Finished}'; done");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => (end.End, end.Outcome is null, end.Remainder is null)).ShouldBe([(AttemptEnd.Completed, false, false), (AttemptEnd.UserError, true, true), (AttemptEnd.Completed, false, false)]);
        orchestrator.Completions[1].Message.ShouldBe("The server refused the result: the outcome is missing");
    }

    [Fact]
    public async Task A_server_that_refuses_even_the_reason_stops_nobody()
    {
        orchestrator.OnComplete = call => call <= 2 ? Task.FromException<bool>(new MessageRefusedException("the token is wrong")) : Task.FromResult(true);
        await using var slot = Slot($"echo '{Ready}'; while read request; do echo '{Finished}'; done");
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.Completed, AttemptEnd.UserError, AttemptEnd.Completed]);
    }

    [Fact]
    public async Task A_trainer_that_hangs_while_it_starts_is_told_of_before_it_is_killed()
    {
        await using var slot = Slot("exec sleep 600", TimeSpan.FromSeconds(2));
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        log.Said.ShouldContain(line => line.Contains("has not answered for 1 s", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("""{"type":"ready","protocol":99,"process_id":1,"environment":ENV}""", "speaks protocol 99, this worker speaks 1. Use the trainer of this build")]
    [InlineData("""{"type":"ready","protocol":1,"process_id":1}""", "Environment is missing")]
    [InlineData("""{"type":"ready","protocol":"one"}""", "'ready'")]
    public async Task A_trainer_that_introduces_itself_wrongly_is_replaced_at_once(string line, string reason)
    {
        var said = line.Replace("ENV", Ready[(Ready.IndexOf("environment", StringComparison.Ordinal) + 13)..^1], StringComparison.Ordinal);
        await using var slot = Slot($"""
            if [ ! -e {folder.File("second")} ]; then touch {folder.File("second")}; echo '{said}'; sleep 600; fi
            echo '{Ready}'; read request; echo '{Finished}'; read more
            """);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        orchestrator.Completions.Select(end => end.End).ShouldBe([AttemptEnd.NativeCrash, AttemptEnd.Completed]);
        orchestrator.Completions[0].Message!.ShouldContain(reason);
    }

    [Fact]
    public async Task What_a_trainer_said_reaches_the_server_in_bounds_and_without_NUL()
    {
        await using var slot = Slot($$"""
            echo '{{Ready}}'; read request; printf 'a\000b\n' >&2; sleep 0.2
            printf '{"type":"errored","attempt":"trial#1","reason":"error","message":"c\\u0000d%s"}\n' "$(head -c 200000 /dev/zero | tr '\0' x)"; read more
            """);
        await slot.Run([NewLease()], TestContext.Current.CancellationToken);
        var end = orchestrator.Completions.ShouldHaveSingleItem();
        MessageShape.FaultOf(end).ShouldBeNull();
        end.Message!.ShouldStartWith("c\uFFFDd");
        end.Log.ShouldBe("a\uFFFDb");
    }

    private Slot Slot(string script, TimeSpan? patience = null)
    {
        var path = folder.File("trainer");
        File.WriteAllText(path, $"#!/bin/sh\n{script}\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var options = new WorkerOptions { Slots = 1, Trainer = path, TrainerStartTimeout = patience ?? TimeSpan.FromMinutes(1) };
        return new Slot(0, options, new OrchestratorLink(orchestrator.Grains, TimeProvider.System, NullLogger.Instance), courier: null, TimeProvider.System, log);
    }

    private static Lease NewLease()
    {
        var spec = new TrialSpec(
            TrialSpec.RevisionOf(KernelPath.Library), new TaskSpec("adding", 10, new ParameterSet([new("markers", "anywhere")])),
            new ModelSpec("rnn", KernelPath.Library, 4, 1, false, "tanh", InitKind.Default), new TrainSpec(9, 4, new OptimizerSpec(OptimizerKind.Adam, 1e-3), 1),
            new EvaluationSpec(5, 10), new ProbeSpec([], 4), null, Precision.Float32, DeviceKind.Cpu, 1);
        return new Lease(new AttemptKey("trial", 1, "w"), JsonSerializer.Serialize(spec, HarnessJson.Default.TrialSpec), "a trial", TimeSpan.FromSeconds(15), Token: new LeaseToken("t"));
    }

    /// <summary>What was logged.</summary>
    private sealed class Lines : ILogger
    {
        public List<string> Said { get; } = [];

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (Said) Said.Add(formatter(state, exception));
        }
    }
}
