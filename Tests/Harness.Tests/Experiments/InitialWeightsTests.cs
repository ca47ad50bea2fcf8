using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Experiments.Yaml;
using Harness.Reports.Model;
using Harness.Tests.Training;

namespace Harness.Tests.Experiments;

/// <summary>Initial weights from a file: which names and shapes are read, what is said where they do not fit, and what goes into a trial's identity.</summary>
public sealed class InitialWeightsTests
{
    private const string One = "model: { hidden: 3, weights: w.safetensors }";

    private sealed class BinaryFiles(params (string Path, byte[] Content)[] files) : IDataFiles
    {
        public DataFile Open(string path) => files.FirstOrDefault(file => file.Path == path) is { Content: { } content } ? DataFile.Of(path, content) : throw DataFileException.Missing();
    }

    private static SpecReading Read(string yaml, params (string Path, byte[] Content)[] files) => SpecReader.Read(Encoding.UTF8.GetBytes(yaml), SpecText.FileName, [], new BinaryFiles(files));

    private static string Yaml(string model = One, string cells = "lstm") =>
        SpecText.Small.Replace("model: { hidden: 8 }", model, StringComparison.Ordinal).Replace("rnn, lstm, gru", cells, StringComparison.Ordinal);

    /// <summary>A network as PyTorch saves it, of numbers that tell the tensors apart.</summary>
    private static List<(string Name, string Type, long[] Shape, double[] Numbers)> Network(int gates = 4, int hidden = 3, int input = 2, string prefix = "", string type = "F32", string? output = "readout", int layers = 1)
    {
        var tensors = new List<(string, string, long[], double[])>();
        for (var layer = 0; layer < layers; layer++)
        {
            Add($"{prefix}weight_ih_l{layer}", gates * hidden, layer == 0 ? input : hidden);
            Add($"{prefix}weight_hh_l{layer}", gates * hidden, hidden);
            Add($"{prefix}bias_ih_l{layer}", gates * hidden);
            Add($"{prefix}bias_hh_l{layer}", gates * hidden);
        }

        if (output is null) return tensors;
        Add($"{output}.weight", 1, hidden);
        Add($"{output}.bias", 1);
        return tensors;

        void Add(string name, params long[] shape) => tensors.Add((name, type, shape, [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (product, size) => product * size)).Select(i => (tensors.Count + 1) / 8.0 + i / 64.0)]));
    }

    private static string Problem(SpecReading reading) => string.Join('\n', reading.Diagnostics.Where(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error)
        .Select(diagnostic => $"{diagnostic.Line}:{diagnostic.Column} {diagnostic.Code} {diagnostic.Message} | {diagnostic.Expected} | {diagnostic.Suggestion}"));

    [Theory]
    [InlineData("", "readout")]
    [InlineData("lstm.", "fc")]
    [InlineData("model.rnn.", "model.head")]
    [InlineData("", null)]
    public void Names_of_pytorch_modules_are_read(string prefix, string? output)
    {
        var reading = Read(Yaml(), ("w.safetensors", SafetensorsBytes.Of(Network(prefix: prefix, output: output))));
        reading.Spec.ShouldNotBeNull(DiagnosticText.Human(reading));
        reading.Spec.Conditions[0].Weights!.HasOutputLayer.ShouldBe(output is not null);
        reading.Spec.Files.ShouldHaveSingleItem();
        var text = PlanText.Human(PlanDocument.Of(ExperimentPlanner.Plan(reading.Spec), new Dictionary<string, Abstractions.Results.TrialState>(StringComparer.Ordinal), null));
        text.ShouldContain("initial weights\n    w.safetensors for lstm\n");
        text.Contains("no output layer in the file: it is drawn from the seed", StringComparison.Ordinal).ShouldBe(output is null);
    }

    [Theory]
    [InlineData("F64")]
    [InlineData("F16")]
    [InlineData("BF16")]
    public void Numbers_of_every_real_type_are_read_as_they_are(string type)
    {
        var tensors = Network(type: type);
        var read = SafetensorsReader.Read(SafetensorsBytes.Of(tensors)).Tensors;
        // Eighths and 64ths up to 2 fit eight bits of mantissa or are rounded by the writer; compare what was written.
        foreach (var (tensor, written) in read.Zip(tensors))
            foreach (var (number, wanted) in tensor.Numbers().Zip(written.Numbers)) number.ShouldBe(wanted, type == "BF16" ? 0.01 : 1e-12);
        Read(Yaml(), ("w.safetensors", SafetensorsBytes.Of(tensors))).Spec.ShouldNotBeNull();
    }

    [Fact]
    public void Identity_follows_the_content_and_files_without_the_key_keep_theirs()
    {
        byte[] first = SafetensorsBytes.Of(Network()), other = SafetensorsBytes.Of(Network(type: "F64"));
        string Identity(string yaml, params (string, byte[])[] files) => TrialIdentity.Of(Read(yaml, files).Spec!.Conditions[0].Trial);
        var identity = Identity(Yaml(), ("w.safetensors", first));
        Identity(Yaml(One.Replace("w.", "sub/copy.", StringComparison.Ordinal)), ("sub/copy.safetensors", first)).ShouldBe(identity);
        Identity(Yaml(), ("w.safetensors", other)).ShouldNotBe(identity, StringComparer.Ordinal);
        Identity(Yaml("model: { hidden: 3, weights: none }")).ShouldBe(Identity(Yaml("model: { hidden: 3 }")));
        Identity(Yaml("model: { hidden: 3 }")).ShouldNotBe(identity, StringComparer.Ordinal);
        Encoding.UTF8.GetString(TrialIdentity.CanonicalJson(Read(Yaml("model: { hidden: 3 }")).Spec!.Conditions[0].Trial)).ShouldNotContain("\"weights\"");
    }

    [Fact]
    public void Each_cell_can_have_its_own_file_or_none_and_a_matrix_compares_files()
    {
        var (lstm, gru) = (SafetensorsBytes.Of(Network()), SafetensorsBytes.Of(Network(gates: 3)));
        var spec = Read(Yaml("model: { hidden: 3, weights: { lstm: a.safetensors, gru: b.safetensors, rnn: none } }", "rnn, lstm, gru"), ("a.safetensors", lstm), ("b.safetensors", gru)).Spec.ShouldNotBeNull();
        spec.Conditions.Select(condition => condition.Trial.Model.Weights).ShouldBe([null, DataFile.HashOf(lstm), DataFile.HashOf(gru)]);
        spec.Report.Sources!.Values.Select(source => source.Path).ShouldBe(["a.safetensors", "b.safetensors"], ignoreOrder: true);

        const string compared = "lstm]\n  weights: [none, a.safetensors";
        Read(Yaml("model: { hidden: 3 }", compared), ("a.safetensors", lstm)).Spec!.Conditions.Select(condition => condition.Label).ShouldBe(["lstm weights=none", "lstm weights=a.safetensors"]);
        Problem(Read(Yaml("model: { hidden: 3 }", compared.Replace("none", "c.safetensors", StringComparison.Ordinal)), ("a.safetensors", lstm), ("c.safetensors", lstm)))
            .ShouldContain("holds exactly what another file of the matrix holds");
    }

    [Fact]
    public void What_does_not_fit_is_told_with_tensor_shape_and_advice()
    {
        Of(Network(hidden: 5)).ShouldBe("""
            5:30 HRN045 w.safetensors: the tensor weight_ih_l0 has shape [20, 2] | [12, 2] for lstm with hidden 3 | 
            5:30 HRN045 w.safetensors: the tensor weight_hh_l0 has shape [20, 5] | [12, 3] for lstm with hidden 3 | set model.hidden: 5, the size of the file
            5:30 HRN045 w.safetensors: the tensor bias_ih_l0 has shape [20] | [12] for lstm with hidden 3 | 
            5:30 HRN045 w.safetensors: the tensor bias_hh_l0 has shape [20] | [12] for lstm with hidden 3 | 
            5:30 HRN045 w.safetensors: the tensor readout.weight has shape [1, 5] | [1, 3] for lstm with hidden 3 | 
            """.ReplaceLineEndings("\n"));
        Of(Network(gates: 3)).ShouldContain("these are weights of gru with hidden 3");
        Of([.. Network().Select(tensor => tensor with { Name = tensor.Name.Replace("bias_hh", "bais_hh", StringComparison.Ordinal) })]).ShouldContain("lacks the tensor bias_hh_l0 | bias_hh_l0 [12] for lstm with hidden 3 | did you mean \"bais_hh_l0\"?");
        Of(Network(layers: 2)).ShouldContain("the file has the tensor weight_hh_l1 [12, 3], which lstm with hidden 3 has not | ");
        Of([.. Network().Where(tensor => !tensor.Name.StartsWith("bias", StringComparison.Ordinal))]).ShouldContain("lacks the tensor bias_ih_l0 | bias_ih_l0 [12] for lstm with hidden 3 | save zeros");
        Of([.. Network(prefix: "a."), .. Network(prefix: "b.", output: null)]).ShouldContain("holds several networks: a., b. | one network");
        Of([.. Network(output: "fc"), ("head.weight", "F32", [1, 3], [0, 0, 0]), ("head.bias", "F32", [1], [0])]).ShouldContain("the file has the tensor fc.bias [1], which lstm with hidden 3 has not");
        Of([.. Network().Select(tensor => tensor.Name == "bias_ih_l0" ? tensor with { Type = "I64" } : tensor)]).ShouldContain("the tensor bias_ih_l0 is of type I64 | F64, F32, F16 or BF16");
        Of([.. Network(), ("weight_hr_l0", "F32", [1], [0])]).ShouldContain("the file has the tensor weight_hr_l0 [1], which lstm with hidden 3 has not");
        foreach (var (number, type, expected) in new[] { (double.NaN, "F32", "number 2 of the tensor bias_ih_l0 is NaN | finite numbers"), (double.NegativeInfinity, "F64", "is -Infinity | finite"), (1e300, "F64", "is 1E+300 | numbers within the range of float32, or dtype: float64") })
            Of([.. Network(type: type).Select(tensor => tensor.Name == "bias_ih_l0" ? tensor with { Numbers = [0, number, .. tensor.Numbers[2..]] } : tensor)]).ShouldContain(expected);

        static string Of(List<(string, string, long[], double[])> tensors) => Problem(Read(Yaml(), ("w.safetensors", SafetensorsBytes.Of(tensors))));
    }

    [Fact]
    public void Settings_of_the_draw_have_nothing_to_do_beside_a_file()
    {
        foreach (var draw in new[] { "init: orthogonal", "spectral_radius: 1.5", "forget_bias: 1" })
            Problem(Read(Yaml(One.Replace(" }", $", {draw} }}", StringComparison.Ordinal)), ("w.safetensors", SafetensorsBytes.Of(Network())))).ShouldContain("says how weights are drawn, and those of lstm come from w.safetensors");
        Read(Yaml(One.Replace(" }", ", init: default, forget_bias: drawn }", StringComparison.Ordinal)), ("w.safetensors", SafetensorsBytes.Of(Network()))).Spec.ShouldNotBeNull();
    }

    [Fact]
    public void A_damaged_file_is_a_diagnostic()
    {
        var sound = SafetensorsBytes.Of(Network());
        const string entry = "{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}";
        foreach (var (bytes, expected) in new (byte[], string)[]
        {
            ([], "it has 0 bytes"), (sound[..5], "it has 5 bytes"), (sound[..40], "states a header of"), ([.. Enumerable.Repeat((byte)255, 20)], "states a header of 18446744073709551615 bytes, and 12 bytes follow"),
            ("PK\u0003\u0004 a state_dict of torch.save"u8.ToArray(), "states a header of"), (SafetensorsBytes.Of("not json", []), "its header cannot be read"), (SafetensorsBytes.Of("[]", []), "its header cannot be read"),
            (SafetensorsBytes.Of($"{{\"a\":{entry},\"a\":{entry}}}", new byte[4]), "it names a twice"), (SafetensorsBytes.Of($"{{\"a\":{entry},\"b\":{entry}}}", new byte[4]), "the tensor b overlaps another one"),
            (SafetensorsBytes.Of($"{{\"a\":{entry}}}", new byte[8]), "4 bytes at its end belong to no tensor"), (SafetensorsBytes.Of($"{{\"a\":{entry}}}", new byte[2]), "the tensor a lies outside of the file"),
            (SafetensorsBytes.Of($"{{\"a\":{entry.Replace("[1]", "[4611686018427387904,4]", StringComparison.Ordinal)}}}", new byte[4]), "states impossible sizes"),
            (SafetensorsBytes.Of($"{{\"a\":{entry.Replace("[1]", "[1.5]", StringComparison.Ordinal)}}}", new byte[4]), "no whole numbers"), (SafetensorsBytes.Of($"{{\"a\":{entry.Replace("F32", "F31", StringComparison.Ordinal)}}}", new byte[4]), "is of type F31"),
            (SafetensorsBytes.Of($"{{\"a\\u001b[2J\":{entry.Replace("[1]", "[2]", StringComparison.Ordinal)}}}", new byte[4]), "the tensor a?[2J states impossible sizes"),
        })
        {
            var problem = Problem(Read(Yaml(), ("w.safetensors", bytes)));
            problem.ShouldStartWith("5:30 HRN045 w.safetensors: ");
            problem.ShouldContain(expected);
        }

        Problem(Read(Yaml())).ShouldContain("HRN034 w.safetensors: there is no such file");
    }

    [Fact]
    public void Whatever_the_bytes_are_the_answer_is_a_plan_or_a_diagnostic()
    {
        var (random, sound) = (new Random(20_261), SafetensorsBytes.Of(Network()));
        var refused = 0;
        for (var round = 0; round < 3_000; round++)
        {
            var bytes = sound.ToArray();
            for (var change = random.Next(1, 6); change > 0; change--)
            {
                var at = random.Next(random.Next(2) == 0 ? Math.Min(700, bytes.Length) : bytes.Length);
                bytes = random.Next(4) switch
                {
                    0 => bytes[..at],
                    1 => [.. bytes[..at], (byte)random.Next(256), .. bytes[at..]],
                    2 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + random.Next(1, 40))..]],
                    _ => [.. bytes.Select((value, place) => place == at ? (byte)random.Next(256) : value)],
                };
                if (bytes.Length == 0) break;
            }

            var reading = Read(Yaml(), ("w.safetensors", bytes));
            if (reading.Spec is null) refused++;
            (reading.Spec is null).ShouldBe(reading.Diagnostics.Any(diagnostic => diagnostic.Severity == DiagnosticSeverity.Error), $"round {round}");
        }

        refused.ShouldBeGreaterThan(1_500);
    }

    [Fact]
    public void A_layout_has_the_weights_that_the_catalogue_counts()
    {
        foreach (var cell in CellCatalog.All)
            foreach (var change in new[] { "layers=1", "layers=3" })
            {
                var trial = SpecText.Spec(SpecText.Small, $"cell={cell.Name}", change).Conditions[0].Trial;
                WeightLayout.Network(trial).Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size)).ShouldBe(ModelSize.Parameters(trial), $"{cell.Name} {change}");
                WeightLayout.Network(trial).Concat(WeightLayout.Output(trial)).Sum(weight => weight.Shape.Aggregate(1L, (product, size) => product * size)).ShouldBe(ModelSize.ParametersTotal(trial));
            }
    }
}
