using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Harness.Tests.Training;

/// <summary>TorchSharp's operators that the trainer relies on and whose bindings have been wrong, surprising or thin before.</summary>
public sealed class TorchSharpConformanceTests
{
    [Fact]
    public void A_sum_over_the_first_dimension_must_be_asked_for_by_name()
    {
        using var scope = NewDisposeScope();
        var numbers = arange(6, dtype: ScalarType.Float64).reshape(2, 3);
        numbers.sum(dim: 0).data<double>().ToArray().ShouldBe([3, 5, 7]);
        numbers.mean([1]).data<double>().ToArray().ShouldBe([1, 4]);
        numbers.sum([0, 1]).item<double>().ShouldBe(15);
    }

    [Fact]
    public void Clipping_answers_with_the_norm_before_it()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new Parameter(zeros(2)), new Parameter(zeros(1))];
        parameters[0].grad = tensor([3f, 0f]);
        parameters[1].grad = tensor([4f]);
        nn.utils.clip_grad_norm_(parameters, 1).ShouldBe(5, 1e-6);
        parameters[0].grad!.data<float>()[0].ShouldBe(0.6f, 1e-5f);
        parameters[1].grad!.data<float>()[0].ShouldBe(0.8f, 1e-5f);
    }

    [Fact]
    public void Clipping_at_infinity_only_measures()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new Parameter(zeros(2))];
        parameters[0].grad = tensor([3f, 4f]);
        nn.utils.clip_grad_norm_(parameters, double.PositiveInfinity).ShouldBe(5, 1e-6);
        parameters[0].grad!.data<float>().ToArray().ShouldBe([3f, 4f]);
    }

    [Fact]
    public void Clipping_a_gradient_that_is_no_number_says_so()
    {
        using var scope = NewDisposeScope();
        Parameter[] parameters = [new Parameter(zeros(2))];
        parameters[0].grad = tensor([float.NaN, 1f]);
        double.IsNaN(nn.utils.clip_grad_norm_(parameters, 1)).ShouldBeTrue();
    }

    [Fact]
    public void A_narrow_view_of_a_parameter_writes_through()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var parameter = new Parameter(zeros(6));
        parameter.narrow(0, 2, 2).fill_(7);
        parameter.data<float>().ToArray().ShouldBe([0f, 0f, 7f, 7f, 0f, 0f]);
    }

    [Fact]
    public void Copying_rounds_double_to_single_precision()
    {
        using var scope = NewDisposeScope();
        using var off = no_grad();
        var parameter = new Parameter(zeros(1));
        parameter.copy_(tensor(new[] { 0.1 }, [1]));
        parameter.data<float>()[0].ShouldBe(0.1f);
    }

    [Fact]
    public void Gradients_of_intermediate_results_count_every_way_out_of_them()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0 }, requires_grad: true);
        var middle = x * 3;
        var loss = (middle.square() + 5 * middle).sum();
        var gradients = autograd.grad([loss], [middle, x]);
        gradients[0].item<double>().ShouldBe(2 * 6 + 5);
        gradients[1].item<double>().ShouldBe(3 * 17);
    }

    [Fact]
    public void Ignored_classes_carry_no_loss_and_do_not_count_in_the_mean()
    {
        using var scope = NewDisposeScope();
        var scores = tensor(new[] { 0.0, 0.0, 9.0, 1.0 }, [2, 2]);
        var classes = tensor(new[] { 0L, -100L }, [2]);
        nn.functional.cross_entropy(scores, classes, ignore_index: -100).item<double>().ShouldBe(Math.Log(2), 1e-12);
        nn.functional.cross_entropy(scores, classes, ignore_index: -100, reduction: nn.Reduction.Sum).item<double>().ShouldBe(Math.Log(2), 1e-12);
    }

    [Fact]
    public void Adam_takes_the_steps_of_its_paper_and_keeps_its_moments_across_dispose_scopes()
    {
        var parameter = new Parameter(tensor(new[] { 1.0 }, [1]));
        using var optimizer = optim.Adam([parameter], 0.1);
        double weight = 1, m = 0, v = 0;
        for (var step = 1; step <= 5; step++)
        {
            using (NewDisposeScope())
            {
                optimizer.zero_grad();
                parameter.square().sum().backward();
                optimizer.step();
            }

            // Kingma & Ba 2015, algorithm 1.
            var gradient = 2 * weight;
            m = 0.9 * m + 0.1 * gradient;
            v = 0.999 * v + 0.001 * gradient * gradient;
            weight -= 0.1 * (m / (1 - Math.Pow(0.9, step))) / (Math.Sqrt(v / (1 - Math.Pow(0.999, step))) + 1e-8);
            parameter.data<double>()[0].ShouldBe(weight, 1e-12);
        }
    }

    [Fact]
    public void Chunks_of_gate_rows_come_in_order()
    {
        using var scope = NewDisposeScope();
        var parts = arange(8, dtype: ScalarType.Float64).reshape(1, 8).chunk(4, 1);
        parts.Select(part => part.data<double>().ToArray()).ShouldBe([[0, 1], [2, 3], [4, 5], [6, 7]]);
    }

    [Fact]
    public void The_last_index_counts_from_the_end()
    {
        using var scope = NewDisposeScope();
        arange(6, dtype: ScalarType.Float64).reshape(3, 2)[-1].data<double>().ToArray().ShouldBe([4, 5]);
    }
}
