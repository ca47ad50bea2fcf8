using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training.Backends;
using Harness.Training.Checkpoints;
using Harness.Training.Tasks;

namespace Harness.Tests.Training;

public sealed class CheckpointFolderTests : IDisposable
{
    private const string Trial = "00112233445566778899aabbccddeeff", OtherTrial = "ffeeddccbbaa99887766554433221100";

    private readonly TemporaryFolder place = new();

    public void Dispose() => place.Dispose();

    private static Checkpoint Sample(int step, string trial = Trial) =>
        new(trial, step, new("here", 0, 0, null, null, null, null, null, 0, 0, [], [], []), [new("model/w", ElementType.Float32, [1], new byte[4])]);

    private CheckpointFolder Open(string trial = Trial) => new(place.File("a"), trial);

    private string[] Names() => [.. Directory.GetFiles(place.File("a")).Select(file => Path.GetFileName(file)).Order(StringComparer.Ordinal)];

    [Fact]
    public void The_last_two_are_kept_and_nothing_unfinished()
    {
        var folder = Open();
        Directory.CreateDirectory(place.File("a"));
        File.WriteAllText(place.File($"a/{Trial}-0000000003.ckpt.99.tmp"), "half");
        foreach (var step in (int[])[10, 20, 30, 40]) folder.Save(Sample(step));
        Names().ShouldBe([$"{Trial}-0000000030.ckpt", $"{Trial}-0000000040.ckpt"]);
        Open().Load(_ => { }).Checkpoint!.Step.ShouldBe(40);
    }

    [Fact]
    public void Other_trials_in_the_folder_are_left_alone()
    {
        Open(OtherTrial).Save(Sample(5, OtherTrial));
        var folder = Open();
        var (checkpoint, _, refused) = folder.Load(_ => { });
        checkpoint.ShouldBeNull();
        refused.ShouldBeEmpty();
        foreach (var step in (int[])[10, 20, 30]) folder.Save(Sample(step));
        Names().Length.ShouldBe(3);
        Open(OtherTrial).Load(_ => { }).Checkpoint!.Step.ShouldBe(5);
    }

    [Fact]
    public void Files_that_were_swapped_or_renamed_are_refused()
    {
        Open(OtherTrial).Save(Sample(5, OtherTrial));
        Open().Save(Sample(5));
        File.Move(place.File($"a/{OtherTrial}-0000000005.ckpt"), place.File($"a/{Trial}-0000000009.ckpt"));
        File.Copy(place.File($"a/{Trial}-0000000005.ckpt"), place.File($"a/{Trial}-0000000007.ckpt"));
        var (checkpoint, file, refused) = Open().Load(_ => { });
        checkpoint!.Step.ShouldBe(5);
        Path.GetFileName(file).ShouldBe($"{Trial}-0000000005.ckpt");
        refused.Select(entry => entry.Reason).ShouldBe([$"it belongs to another trial ({OtherTrial}, not {Trial})", "it is named after step 7 and holds step 5"]);
    }

    [Fact]
    public void A_write_that_fails_leaves_what_was_there()
    {
        Open().Save(Sample(5));
        Should.Throw<IOException>(() => new CheckpointFolder(place.File($"a/{Trial}-0000000005.ckpt"), Trial).Save(Sample(6)));
        Open().Load(_ => { }).Checkpoint!.Step.ShouldBe(5);
    }

    [Fact]
    public void Tensors_that_are_not_the_trials_are_refused_by_name()
    {
        var task = SequenceTask.Create(Trials.Task("adding", 5))!.Shape;
        using var model = Trials.Build(Trials.Model("gru", hidden: 3), task);
        using var optimizer = Optimizers.Create(new(OptimizerKind.Adam, 0.1), [.. model.Parameters]);
        var tensors = new TrainingTensors(model.Weights, optimizer);
        var sound = Sample(3) with { Tensors = tensors.Capture() };
        tensors.Check(sound);

        Refusal(sound.Tensors.Skip(1)).ShouldBe("it lacks the tensor model/weight_ih_l0");
        Refusal(sound.Tensors.Append(new("model/more", ElementType.Float64, [1], new byte[8]))).ShouldBe("it holds the tensor model/more, which the trial does not have");
        Refusal(sound.Tensors.Select(tensor => tensor.Name == "model/weight_hh_l0" ? tensor with { Shape = [3, 9] } : tensor))
            .ShouldBe("its tensor model/weight_hh_l0 is float64 [3, 9], but the trial's is float64 [9, 3]");
        Refusal(sound.Tensors.Select(tensor => tensor.Name == "model/readout.bias" ? tensor with { Type = ElementType.Float32 } : tensor)).ShouldContain("float32 [1]");

        using var other = Optimizers.Create(new(OptimizerKind.RmsProp, 0.1), [.. model.Parameters]);
        Should.Throw<CheckpointRefusedException>(() => new TrainingTensors(model.Weights, other).Check(sound)).Message.ShouldContain("optimizer/square_avg/weight_ih_l0");

        string Refusal(IEnumerable<CheckpointTensor> changed) => Should.Throw<CheckpointRefusedException>(() => tensors.Check(sound with { Tensors = [.. changed] })).Message;
    }
}
