using Harness.Abstractions.Catalog;
using Harness.Abstractions.Settings;
using Harness.Experiments.Planning;
using Harness.Experiments.Reading;
using Harness.Reports.Model;
using Harness.Training;
using Harness.Training.Tasks;

namespace Harness.Tests.Experiments;

/// <summary>What the reader lets pass, the trainer can train: a mistake is told when the file is read, not by a failed trial.</summary>
public sealed class TrainerContractTests
{
    [Fact]
    public void The_trainer_takes_every_trial_of_every_catalog_file()
    {
        foreach (var file in Directory.GetFiles(SpecText.Catalog, "*.yaml"))
        {
            foreach (var trial in ExperimentPlanner.Plan(SpecReader.ReadFile(file, []).Spec!).Trials) TrialCheck.Refuse(trial.Spec);
        }
    }

    [Fact]
    public void The_trainer_takes_every_combination_of_words_that_the_reader_takes()
    {
        var words = SettingCatalog.Factors.Where(setting => setting != SettingCatalog.Device && setting.Type.Choices.Count is > 0 and < 20).ToArray();
        var taken = 0;
        foreach (var first in words)
        {
            foreach (var second in words.Where(second => second.Ordinal > first.Ordinal))
            {
                foreach (var (one, other) in first.Type.Choices.SelectMany(one => second.Type.Choices.Select(other => (one, other))))
                {
                    // The cells take turns, unless the pair names one.
                    string[] overrides = [$"cell={CellCatalog.All[taken % CellCatalog.All.Count].Name}", "layers=2", $"{first.Path}={one}", $"{second.Path}={other}"];
                    if (SpecText.Read(SpecText.Small, overrides).Spec is not { } spec) continue;
                    taken++;
                    foreach (var condition in spec.Conditions) Should.NotThrow(() => TrialCheck.Refuse(condition.Trial), string.Join(' ', overrides));
                }
            }
        }

        taken.ShouldBeGreaterThan(300);
    }

    [Fact]
    public void The_trainer_takes_every_number_that_the_reader_takes()
    {
        var numbers = SettingCatalog.Factors.Where(setting => setting.AppliesTo is null && setting.Needs is null).Select(setting => (setting, bounds: BoundsOf(setting.Type))).Where(pair => pair.bounds is not null);
        foreach (var (setting, bounds) in numbers)
        {
            foreach (var number in bounds!)
            {
                if (SpecText.Read(SpecText.Small, $"{setting.Path}={SettingValue.Canonical(number)}").Spec is not { } spec) continue;
                foreach (var condition in spec.Conditions) Should.NotThrow(() => TrialCheck.Refuse(condition.Trial), $"{setting.Path}={number}");
            }
        }
    }

    [Theory]
    [InlineData("model={ layers: 2, dropout: 0.9999 }")]
    [InlineData("train.optimizer={ kind: sgd, momentum: 0.9999, weight_decay: 100 }")]
    [InlineData("train.optimizer={ kind: rmsprop, momentum: 0 }")]
    [InlineData("train.optimizer={ kind: adamw, weight_decay: 0.01 }")]
    [InlineData("train.optimizer.schedule={ kind: step, every: 1, factor: 1 }")]
    [InlineData("train.optimizer.schedule={ kind: cosine, floor: 1, warm_up: 10 }")]
    [InlineData("model={ init: { rnn: identity, lstm: chrono, gru: chrono }, t_max: 3 }")]
    [InlineData("probe={ gradients: none, weights: [init], gates: [end], sequences: 1 }")]
    [InlineData("target={ metric: eval.loss, above: 0 }")]
    [InlineData("train.early_stop={ on_target: true, patience: 1 }")]
    public void The_trainer_takes_settings_that_need_each_other(string change)
    {
        foreach (var condition in SpecText.Spec(SpecText.Small, change).Conditions) TrialCheck.Refuse(condition.Trial);
    }

    [Fact]
    public void The_catalog_knows_which_tasks_ask_at_every_step()
    {
        foreach (var task in TaskCatalog.All.Where(task => !task.ReadsFile))
        {
            var trial = SpecText.Spec(SpecText.Small, $"task={task.Kind}").Conditions[0].Trial;
            (SequenceTask.Create(trial.Task)!.Shape.LossSteps > 1).ShouldBe(task.AsksAtEveryStep, task.Kind);
        }
    }

    private static double[]? BoundsOf(SettingType type) => type switch
    {
        WholeNumberType whole => [whole.Minimum, whole.Maximum],
        NumberType number => [number.AboveMinimum ? number.Minimum + 1e-300 : number.Minimum, number.Maximum],
        OptionalType optional => BoundsOf(optional.Inner),
        TaskParameterType parameter => parameter.Types.Select(BoundsOf).OfType<double[]>().FirstOrDefault(),
        _ => null,
    };
}
