using Harness.Reports.Model;
using Harness.Training.Cells;
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

    [Fact]
    public void An_operation_in_place_answers_with_the_tensor_itself()
    {
        using var scope = NewDisposeScope();
        var numbers = zeros(2);
        ReferenceEquals(numbers.add_(1), numbers).ShouldBeTrue();
        numbers.mul_(3f).data<float>().ToArray().ShouldBe([3f, 3f]);
    }

    [Fact]
    public void Pieces_of_a_tensor_are_views_of_it()
    {
        using var scope = NewDisposeScope();
        var whole = zeros(4, 2);
        foreach (var piece in whole.split(2)) piece.add_(1);
        whole.data<float>().ToArray().ShouldAllBe(value => value == 1);
        arange(6).reshape(3, 2).unbind(0).Select(row => row.data<long>().ToArray()).ShouldBe([[0, 1], [2, 3], [4, 5]]);
    }

    [Fact]
    public void A_linear_map_multiplies_with_the_transposed_weight_and_adds_the_bias()
    {
        using var scope = NewDisposeScope();
        var weight = tensor(new[] { 1.0, 2, 3, 4, 5, 6 }, [2, 3]);
        nn.functional.linear(tensor(new[] { 1.0, 10, 100 }, [1, 3]), weight, tensor(new[] { 0.5, -0.5 })).data<double>().ToArray().ShouldBe([321.5, 653.5]);
    }

    /// <summary>torch.baddbmm hands its arguments on in another order than it names them; only <see cref="BatchedProduct"/> calls it, and knows.</summary>
    [Fact]
    public void A_batched_product_is_added_to_its_addend()
    {
        using var scope = NewDisposeScope();
        // Shapes that fit in one order alone: (2,1,3) + (2,1,2)·(2,2,3).
        var addend = tensor(new[] { 100.0, 200, 300, 400, 500, 600 }, [2, 1, 3]);
        var left = tensor(new[] { 1.0, 10, 2, 20 }, [2, 1, 2]);
        var right = tensor(new[] { 1.0, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 }, [2, 2, 3]);
        BatchedProduct.Of(addend, left, right).data<double>().ToArray().ShouldBe([141, 252, 363, 614, 736, 858]);
        // Where every order fits, the values alone tell them apart.
        BatchedProduct.Of(tensor([2.0], [1, 1, 1]), tensor([3.0], [1, 1, 1]), tensor([5.0], [1, 1, 1])).item<double>().ShouldBe(17);
    }

    /// <summary>baddbmm takes its arguments in another order, sum(0) means a type, retain_grad doubles what grad finds, and the seed is everybody's.</summary>
    [Fact]
    public void Operators_with_traps_stay_out_of_the_product()
    {
        var sources = Directory.EnumerateFiles(Path.Combine(Repository.Root, "Workers", "Harness.Training"), "*.cs", SearchOption.AllDirectories)
            .Where(file => !file.Contains($"{Path.DirectorySeparatorChar}obj{Path.DirectorySeparatorChar}", StringComparison.Ordinal)).ToArray();
        sources.Length.ShouldBeGreaterThan(50);
        foreach (var file in sources)
        {
            var text = File.ReadAllText(file);
            foreach (var trap in (string[])[".sum(0)", ".mean(0)", "retain_grad", "random.manual_seed"]) text.ShouldNotContain(trap, Case.Sensitive, file);
            // One call has a home and a test of its order (above); another would have neither.
            if (Path.GetFileName(file) != $"{nameof(BatchedProduct)}.cs") text.ShouldNotContain("baddbmm", Case.Sensitive, file);
        }
    }

    [Fact]
    public void A_vector_times_a_jacobian_is_what_gradients_of_many_outputs_are()
    {
        using var scope = NewDisposeScope();
        var x = tensor(new[] { 2.0, 3.0 }, requires_grad: true);
        var copies = x.unsqueeze(0).expand(2, -1);
        var squares = stack([copies.select(1, 0) * copies.select(1, 1), copies.select(1, 0).square()], dim: 1);
        autograd.grad([squares], [x], [eye(2, dtype: ScalarType.Float64)])[0].data<double>().ToArray().ShouldBe([3 + 4, 2]);
    }

    [Fact]
    public void A_choice_passes_gradients_to_what_was_chosen_alone()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1.0, 2.0 }, requires_grad: true), b = tensor(new[] { 5.0, double.NaN }, requires_grad: true);
        var gradients = autograd.grad([where(tensor(new[] { false, true }), a, b).sum()], [a, b]);
        gradients[0].data<double>().ToArray().ShouldBe([0, 1]);
        gradients[1].data<double>().ToArray().ShouldBe([1, 0]);
    }

    [Fact]
    public void Selections_find_their_places()
    {
        using var scope = NewDisposeScope();
        var numbers = arange(12, dtype: ScalarType.Float64).reshape(3, 2, 2);
        numbers.gather(0, tensor(new[] { 2L, 0L }).reshape(1, 2, 1).expand(1, 2, 2)).squeeze(0).data<double>().ToArray().ShouldBe([8, 9, 2, 3]);
        numbers.index_select(1, tensor(new[] { 1L })).data<double>().ToArray().ShouldBe([2, 3, 6, 7, 10, 11]);
        numbers.masked_select(numbers.gt(9)).data<double>().ToArray().ShouldBe([10, 11]);
        numbers.select(1, 1).amax([0L]).data<double>().ToArray().ShouldBe([10, 11]);
        numbers.select(1, 1).amin([0L]).data<double>().ToArray().ShouldBe([2, 3]);
        numbers[0].diagonal().data<double>().ToArray().ShouldBe([0, 3]);
    }

    [Fact]
    public void A_matrix_is_its_orthonormal_and_its_triangular_factor()
    {
        using var scope = NewDisposeScope();
        var matrix = tensor(new[] { 3.0, 1, 4, 1, 5, 9 }, [3, 2]);
        var (q, r) = linalg.qr(matrix);
        q.shape.ShouldBe([3, 2]);
        (q.matmul(r) - matrix).abs().max().item<double>().ShouldBeLessThan(1e-14);
        (q.transpose(0, 1).matmul(q) - eye(2, dtype: ScalarType.Float64)).abs().max().item<double>().ShouldBeLessThan(1e-14);
        r[1, 0].item<double>().ShouldBe(0);
    }

    [Fact]
    public void Eigenvalues_come_complex_and_singular_values_in_order()
    {
        using var scope = NewDisposeScope();
        var turn = tensor(new[] { 0.0, -2, 2, 0 }, [2, 2]);
        linalg.eigvals(turn).abs().data<double>().ToArray().ShouldAllBe(size => Math.Abs(size - 2) < 1e-12);
        linalg.svdvals(tensor(new[] { 1.0, 0, 0, 3 }, [2, 2])).data<double>().ToArray().Zip([3.0, 1.0]).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Fact]
    public void Packing_sorts_by_length_and_comes_back_in_the_order_it_had()
    {
        using var scope = NewDisposeScope();
        var input = arange(6, dtype: ScalarType.Float64).reshape(3, 2, 1) + 1;                             // sequences 1 3 5 and 2 4 6
        using var module = nn.RNN(1, 1, 1, nn.NonLinearities.ReLU, dtype: ScalarType.Float64);
        using (no_grad())
        {
            foreach (var (_, parameter) in module.named_parameters()) parameter.zero_();
            module.get_parameter("weight_ih_l0")!.fill_(1);
        }

        using var packed = nn.utils.rnn.pack_padded_sequence(input, tensor(new[] { 1L, 3L }), enforce_sorted: false);
        var (sequence, last) = module.call(packed);
        using (sequence)
        {
            var (padded, lengths) = nn.utils.rnn.pad_packed_sequence(sequence, total_length: 3);
            padded.data<double>().ToArray().ShouldBe([1, 2, 0, 4, 0, 6]);
            lengths.data<long>().ToArray().ShouldBe([1, 3]);
        }

        last.data<double>().ToArray().ShouldBe([1, 6]);
    }

    [Fact]
    public void Attention_with_the_causal_switch_mixes_no_later_step()
    {
        using var scope = NewDisposeScope();
        var keys = zeros(1, 1, 3, 2, dtype: ScalarType.Float64);
        var values = tensor(new[] { 1.0, 0, 3, 0, 8, 0 }, [1, 1, 3, 2]);
        nn.functional.scaled_dot_product_attention(keys, keys, values, is_casual: true).reshape(3, 2).select(1, 0).data<double>().ToArray()
            .Zip([1.0, 2.0, 4.0]).ShouldAllBe(pair => Math.Abs(pair.First - pair.Second) < 1e-12);
    }

    [Fact]
    public void A_normalised_layer_has_mean_zero_and_variance_one_over_its_features()
    {
        using var scope = NewDisposeScope();
        var x = nn.functional.layer_norm(tensor(new[] { 1.0, 3 }, [1, 2]), [2], ones(2, dtype: ScalarType.Float64), zeros(2, dtype: ScalarType.Float64), 0);
        x.data<double>().ToArray().ShouldBe([-1, 1]);
    }

    [Fact]
    public void The_mean_squared_error_is_over_everything_unless_asked_otherwise()
    {
        using var scope = NewDisposeScope();
        Tensor a = tensor(new[] { 1.0, 2, 3 }), b = tensor(new[] { 1.0, 4, 0 });
        nn.functional.mse_loss(a, b).item<double>().ShouldBe(13 / 3.0, 1e-12);
        nn.functional.mse_loss(a, b, nn.Reduction.Sum).item<double>().ShouldBe(13);
        nn.functional.mse_loss(a, b, nn.Reduction.None).data<double>().ToArray().ShouldBe([0, 4, 9]);
    }
}
