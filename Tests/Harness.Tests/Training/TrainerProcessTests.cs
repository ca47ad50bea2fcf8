using System.Diagnostics;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Native;

namespace Harness.Tests.Training;

/// <summary>The trainer as what it is: a process.</summary>
public sealed class TrainerProcessTests
{
    private static readonly string Trainer = Path.Combine(AppContext.BaseDirectory, OperatingSystem.IsWindows() ? "harness-trainer.exe" : "harness-trainer");

    private static Process Start(string arguments = "", params (string Name, string Value)[] environment)
    {
        var start = new ProcessStartInfo(Trainer, arguments) { RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true, UseShellExecute = false };
        foreach (var (name, value) in environment) start.Environment[name] = value;
        return Process.Start(start)!;
    }

    private static TrainerFrame Frame(string line) => JsonSerializer.Deserialize(line, HarnessJson.Default.TrainerFrame)!;

    private static void Send(Process trainer, TrainerRequest request)
    {
        trainer.StandardInput.Write(JsonSerializer.Serialize(request, HarnessJson.Default.TrainerRequest) + "\n");
        trainer.StandardInput.Flush();
    }

    [Fact]
    public async Task Serves_trials_hears_a_stop_and_ends_with_its_input()
    {
        var token = TestContext.Current.CancellationToken;
        using var trainer = Start();
        var ready = Frame((await trainer.StandardOutput.ReadLineAsync(token))!).ShouldBeOfType<TrainerReady>();
        ready.Protocol.ShouldBe(TrainerReady.CurrentProtocol);
        ready.ProcessId.ShouldBe(trainer.Id);
        ready.Environment.Libtorch.ShouldBe("2.10.0");
        ready.Environment.Threads.ShouldBe(1);

        Send(trainer, new TrainRequest("first", Trials.Spec("lstm", steps: 3)));
        (await Until<TrialFinished>()).Outcome.Steps.ShouldBe(3);
        Send(trainer, new TrainRequest("second", Trials.Spec(steps: 1_000_000)));
        await Until<TrialStarted>();
        Send(trainer, new StopRequest("second"));
        (await Until<TrialStopped>()).Attempt.ShouldBe("second");

        trainer.StandardInput.Close();
        await trainer.WaitForExitAsync(token);
        trainer.ExitCode.ShouldBe(0);

        async Task<T> Until<T>() where T : TrainerFrame
        {
            while (true)
                if (Frame((await trainer.StandardOutput.ReadLineAsync(token))!) is T frame) return frame;
        }
    }

    [SlowFact(Category.Kills)]
    public async Task A_trainer_that_is_killed_is_followed_by_one_that_goes_on_and_the_weights_can_be_taken_along()
    {
        var token = TestContext.Current.CancellationToken;
        using var folder = new TemporaryFolder();
        var spec = Trials.Spec("lstm", KernelPath.Cell, steps: 60);
        var request = new TrainRequest("first", spec, new(folder.File("checkpoints"), EverySteps: 10));
        using (var victim = Start())
        {
            Send(victim, request);
            while (Frame((await victim.StandardOutput.ReadLineAsync(token))!) is not TrialCheckpointed { Step: 20 }) { }
            victim.Kill();
            await victim.WaitForExitAsync(token);
        }

        using var heir = Start();
        Send(heir, request with { Attempt = "second" });
        var frames = new List<TrainerFrame>();
        while (frames is not [.., TrialFinished]) frames.Add(Frame((await heir.StandardOutput.ReadLineAsync(token))!));
        heir.StandardInput.Close();
        await heir.WaitForExitAsync(token);
        frames.OfType<TrialResumed>().Single().Step.ShouldBeGreaterThanOrEqualTo(20);
        var undisturbed = Trials.Run(spec).Frames;
        foreach (var metric in (string[])["train.loss", "train.grad_norm", "eval.loss"])
            Trials.Curve(frames, metric).ShouldBe(Trials.Curve(undisturbed, metric));

        var checkpoint = Directory.GetFiles(folder.File("checkpoints")).Order(StringComparer.Ordinal).Last();
        (await Export(checkpoint)).ShouldBe((0, ""));
        new FileInfo(folder.File("out.safetensors")).Length.ShouldBeGreaterThan(100);
        await File.WriteAllBytesAsync(checkpoint, (await File.ReadAllBytesAsync(checkpoint, token))[..^1], token);
        var (code, error) = await Export(checkpoint);
        code.ShouldBe(1);
        error.ShouldContain("is not a sound checkpoint");

        async Task<(int Code, string Error)> Export(string from)
        {
            using var export = Start($"--export \"{from}\" --as safetensors \"{folder.File("out.safetensors")}\"");
            var said = await export.StandardError.ReadToEndAsync(token);
            await export.WaitForExitAsync(token);
            return (export.ExitCode, said);
        }
    }

    [Fact]
    public async Task A_probe_prints_one_frame_and_ends()
    {
        using var trainer = Start("--probe", ("HARNESS_TORCH_THREADS", "2"));
        var output = await trainer.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await trainer.WaitForExitAsync(TestContext.Current.CancellationToken);
        trainer.ExitCode.ShouldBe(0);
        Frame(output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Single()).ShouldBeOfType<TrainerReady>().Environment.Threads.ShouldBe(2);
    }

    [Fact]
    public async Task A_second_libtorch_beside_the_packaged_one_is_refused_with_the_cure()
    {
        if (!TorchLibrary.Load().FromPackage) Assert.Skip("Built without a libtorch package.");
        using var trainer = Start("--probe", (TorchLibrary.FolderVariable, Path.GetTempPath()));
        var error = await trainer.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await trainer.WaitForExitAsync(TestContext.Current.CancellationToken);
        trainer.ExitCode.ShouldBe(3);
        error.ShouldContain("HARNESS_LIBTORCH is");
        error.ShouldContain("TorchBackend=external");
    }

    [Fact]
    public async Task The_folder_of_the_libtorch_in_use_may_be_named()
    {
        using var trainer = Start("--probe", (TorchLibrary.FolderVariable, TorchLibrary.Load().Folder));
        await trainer.WaitForExitAsync(TestContext.Current.CancellationToken);
        trainer.ExitCode.ShouldBe(0);
    }

    [Fact]
    public async Task Unknown_arguments_are_refused_with_what_there_is()
    {
        using var trainer = Start("--train");
        var error = await trainer.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        await trainer.WaitForExitAsync(TestContext.Current.CancellationToken);
        trainer.ExitCode.ShouldBe(2);
        error.ShouldContain("--probe");
    }
}
