using Harness.Abstractions.Specs;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Shared;

namespace Harness.Tests.Training;

public sealed class TrialCheckTests
{
    private static string Refusal(TrialSpec spec) => Should.Throw<TrialRejectedException>(() => TrialCheck.Refuse(spec)).Message;

    [Fact]
    public void A_good_spec_passes() => Should.NotThrow(() => TrialCheck.Refuse(Trials.Spec()));

    [Fact]
    public void An_unknown_cell_is_answered_with_the_known_ones() =>
        Refusal(Trials.Spec() with { Model = Trials.Model("lsmt", KernelPath.Library) }).ShouldBe("There is no cell 'lsmt'. Known: rnn, lstm, gru, transformer.");

    [Fact]
    public void An_unknown_task_is_answered_with_the_known_ones() =>
        Refusal(Trials.Spec() with { Task = new("addition", 10, new([])) }).ShouldContain("There is no task 'addition'. Known: adding, temporal-order");

    [Fact]
    public void An_unknown_kernel_is_refused() =>
        Refusal(Trials.Spec() with { Model = Trials.Model("rnn", (KernelPath)77) }).ShouldContain("kernel '77'");

    [Fact]
    public void Every_fault_is_named_at_once()
    {
        var message = Refusal(Trials.Spec() with { Train = new(0, 0, new(OptimizerKind.Adam, double.NaN), -1), Evaluation = new(0, 0), Revision = 99 });
        foreach (var part in (string[])["revision", "train.steps", "train.batch", "lr", "clip_norm", "evaluation.every", "evaluation.sequences"]) message.ShouldContain(part);
    }

    [Theory]
    [InlineData("rnn")]
    [InlineData("gru")]
    public void A_forget_bias_needs_a_forget_gate(string cell) =>
        Refusal(Trials.Spec() with { Model = Trials.Model(cell) with { ForgetBias = 1 } }).ShouldContain("no forget gate");

    [Fact]
    public void An_update_bias_needs_an_update_gate() =>
        Refusal(Trials.Spec() with { Model = Trials.Model("lstm") with { UpdateBias = 1 } }).ShouldContain("no update gate");

    [Fact]
    public void An_activation_must_be_one_the_cell_has()
    {
        Refusal(Trials.Spec() with { Model = Trials.Model("rnn", activation: "gelu") }).ShouldContain("tanh, relu");
        Refusal(Trials.Spec() with { Model = Trials.Model("lstm", activation: "relu") }).ShouldContain("no choice of activation");
    }

    [Fact]
    public void A_sequence_shorter_than_the_task_allows_is_refused() =>
        Refusal(Trials.Spec(task: "temporal-order", length: 9)).ShouldContain("at least 10");

    [Fact]
    public void A_task_parameter_that_is_missing_is_named_with_its_default() =>
        Refusal(Trials.Spec() with { Task = new("adding", 10, new([])) }).ShouldContain("'markers' (default: anywhere)");

    [Theory]
    [InlineData("adding", "markers", "everywhere", "anywhere or halves")]
    [InlineData("temporal-order", "symbols", "4", "a whole number from 2 to 3")]
    [InlineData("temporal-order", "symbols", "two", "a whole number from 2 to 3")]
    public void A_task_parameter_out_of_range_is_refused(string kind, string name, string value, string part) =>
        Refusal(Trials.Spec() with { Task = Trials.Task(kind, 20, (name, value)) }).ShouldContain(part);

    [Fact]
    public void A_second_direction_may_not_read_the_answers() =>
        Refusal(Trials.Spec() with { Task = Trials.Task("markov", 20), Model = Trials.Model("gru", bidirectional: true) }).ShouldContain("future");

    [Fact]
    public void A_target_on_accuracy_needs_classes() =>
        Refusal(Trials.Spec() with { Target = new("eval.accuracy", null, 0.9) }).ShouldContain("no eval.accuracy");

    [Fact]
    public void A_target_needs_one_threshold()
    {
        Refusal(Trials.Spec() with { Target = new("eval.loss", null, null) }).ShouldContain("below or above");
        Refusal(Trials.Spec() with { Target = new("eval.loss", 1, 2) }).ShouldContain("below or above");
        Refusal(Trials.Spec() with { Target = new("train.loss", 1, null) }).ShouldContain("eval.loss or eval.accuracy");
    }
}
