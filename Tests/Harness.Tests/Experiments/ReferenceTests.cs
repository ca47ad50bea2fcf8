using Harness.Abstractions.Settings;
using Harness.Abstractions.Specs;
using Harness.Data;
using Harness.Experiments.Reading;
using Harness.Experiments.Reference;
using Harness.Reports.Model;

namespace Harness.Tests.Experiments;

public sealed class ReferenceTests
{
    private const string Regenerate = "HARNESS_REGENERATE";

    [Fact]
    public void The_schema_in_the_repository_is_the_one_that_the_reader_reads_by() => ShouldBeCurrent("Experiments/experiment.schema.json", ExperimentSchema.Json());

    [Fact]
    public void The_reference_page_is_the_one_that_the_reader_reads_by() => ShouldBeCurrent("docs/experiment-reference.md", ReferencePage.Experiment());

    [Fact]
    public void The_page_of_diagnostics_holds_every_code() => ShouldBeCurrent("docs/diagnostics.md", ReferencePage.Diagnostics());

    [Fact]
    public void Every_catalog_file_follows_the_schema()
    {
        var schema = new SchemaCheck(ExperimentSchema.Json());

        foreach (var file in Directory.GetFiles(SpecText.Catalog, "*.yaml")) schema.Problems(File.ReadAllText(file)).ShouldBeEmpty(file);
    }

    [Theory]
    [InlineData("seds: 3", "$.seds")]
    [InlineData("train: { steps: x }", "$.train.steps")]
    [InlineData("train: { steps: 0 }", "$.train.steps")]
    [InlineData("train: { optimizer: { lr: { rnm: 1 } } }", "$.train.optimizer.lr")]
    [InlineData("matrix: { cell: [lstn] }", "$.matrix.cell")]
    [InlineData("name: a b", "$.name")]
    [InlineData("claims: [{ id: a }]", "$.claims[0]")]
    public void The_schema_finds_mistakes_where_the_reader_does(string line, string path) =>
        new SchemaCheck(ExperimentSchema.Json()).Problems($"version: 1\n{(line.StartsWith("name", StringComparison.Ordinal) ? "" : "name: a\n")}{line}\n").ShouldContain(problem => problem == path);

    [Fact]
    public void Every_default_and_example_is_a_value_of_its_setting()
    {
        foreach (var setting in SettingCatalog.All.Concat(ClaimSettingCatalog.All))
        {
            foreach (var text in new[] { setting.Default, setting.Example }.OfType<string>().Where(text => !text.StartsWith('[')))
            {
                setting.Type.Parse(text, out _).ShouldBeNull($"{setting.Path}: {text}");
            }

            setting.Summary.ShouldEndWith(".", Case.Sensitive, setting.Path);
        }
    }

    [Fact]
    public void Every_property_of_a_trials_identity_is_fed_by_a_setting()
    {
        // The revision is the trainer's, the seed comes from seeds; how many inputs, classes and symbols there are is found in the file.
        string[] others = ["revision", "seed", "model.kernel_auto", "task.parameters.inputs", "task.parameters.classes", "task.parameters.symbols"];
        string[][] variants =
        [
            ["task=temporal-order", "kernel=auto", "forget_bias=1", "update_bias=1", "clip_norm=1", "target={ metric: eval.loss, below: 1 }", "train.optimizer={ kind: sgd, momentum: 0.5, weight_decay: 0.1, schedule: { kind: step, every: 1, factor: 0.5 } }"],
            ["cell=lstm", "layers=2", "dropout=0.5", "probe={ weights: [init], gates: [end], trace: [end], dynamics: [end], health: [init], gradients_every: 5 }", "train.early_stop={ on_target: true, patience: 2 }", "init=chrono", "t_max=9", "spectral_radius=1.5", "shortest=8", "evaluation.length=9", "sequences=5", "label_noise=0.1", "clip_value=1", "train.optimizer.schedule={ kind: cosine, warm_up: 3, floor: 0.5 }", "target={ metric: eval.loss, above: 1 }"],
        ];
        var files = new MemoryFiles(("series.csv", SpecText.Series));
        var weights = new DataFolder([WrongFileTests.Folder]);
        var properties = variants.SelectMany(variant => SpecText.Spec(SpecText.Small, variant).Conditions)
            .Concat(SpecText.SpecWith(files, SpecText.OverSeries("target: state, problem: classify")).Conditions)
            .Concat(SpecText.SpecWith(files, SpecText.Small.Replace("kind: adding, length: 20", "kind: text, file: series.csv, length: 4", StringComparison.Ordinal)).Conditions)
            .Concat(SpecText.SpecWith(weights, SpecText.Small, "cell=gru", "hidden=2", "weights=data/gru.safetensors").Conditions)
            .SelectMany(condition => JsonPaths.Of(TrialIdentity.CanonicalJson(condition.Trial))).ToHashSet(StringComparer.Ordinal);
        var fed = SettingCatalog.All.Select(setting => setting.Identity).OfType<string>().Concat(others).ToHashSet(StringComparer.Ordinal);

        properties.Except(fed, StringComparer.Ordinal).ShouldBeEmpty();
        fed.Except(properties, StringComparer.Ordinal).Where(path => !path.StartsWith("task.parameters.", StringComparison.Ordinal)).ShouldBeEmpty();
    }

    [Fact]
    public void Every_key_of_every_block_is_known_to_completion()
    {
        SpecBinder.KeysUnder("").ShouldBe(["version", "name", "question", "task", "model", "train", "evaluation", "probe", "target", "dtype", "device", "seeds", "tune", "speed", "run", "report", "matrix", "claims"]);
        SpecBinder.KeysUnder("train.optimizer").ShouldBe(["kind", "lr", "momentum", "weight_decay", "schedule"]);
        SpecBinder.KeysUnder("train.steps").ShouldBeEmpty();
    }

    private static void ShouldBeCurrent(string path, string text)
    {
        var file = Path.Combine(Repository.Root, path);
        if (Environment.GetEnvironmentVariable(Regenerate) == "1")
        {
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, text);
        }

        File.Exists(file).ShouldBeTrue($"{path} is missing. Write it with {Regenerate}=1 dotnet test.");
        File.ReadAllText(file).ReplaceLineEndings("\n").ShouldBe(text, $"{path} has drifted from the tables. Write it anew with {Regenerate}=1 dotnet test.");
    }
}
