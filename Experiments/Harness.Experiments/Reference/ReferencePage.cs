using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Settings;
using Harness.Experiments.Yaml;

namespace Harness.Experiments.Reference;

/// <summary>The pages docs/experiment-reference.md and docs/diagnostics.md, made from the tables that the reader reads by.</summary>
public static class ReferencePage
{
    private const string Generated = "<!-- Generated from the tables in Experiments/Harness.Experiments; a test says how to write it anew. -->";

    private static readonly (string Title, string Prefix, string Text)[] Sections =
    [
        ("The file", "", ""),
        ("task", "task.", "The problem that the cells learn. Each kind has its own parameters beside the length:"),
        ("model", "model.", "The recurrent layers. A linear read-out of the last step's output follows them."),
        ("train", "train.", ""),
        ("evaluation", "evaluation.", "Evaluations run without gradient on a set that is the same for every cell and step of a seed."),
        ("probe", "probe.", "What is measured beside the loss; its cost is recorded apart and counts into no speed."),
        ("target", "target.", "When a trial counts as having solved its task. Without this block the task's own criterion counts."),
        ("seeds", "seeds.", "Equal seeds give every cell the same data, so that differences are paired."),
        ("tune", "tune.", "Searches each arm's best settings before verdicts are trained for, so that no arm wins by a learning rate that happens to suit it. Without this block nothing is tuned."),
        ("speed", "speed.", "How long training steps take, measured by timing trials: alone on a machine, all kinds of steps in turns, on every kernel path. Without this block times are those of the training runs, which may share the machine."),
        ("run", "run.", "How the experiment is run. Nothing here changes an outcome or the identity of a trial."),
        ("report", "report.", "How the report is written. Nothing here changes a number in it or the identity of a trial."),
    ];

    /// <summary>Every key of the experiment file.</summary>
    public static string Experiment()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"{Generated}\n\n# The experiment file\n\n");
        page.Append("""
            An experiment is one YAML file. It names a task, the cells to compare and how they are trained; the matrix crosses the
            factors, every combination (a *condition*) is trained once per seed (a *trial*), and the report decides the claims.

            ```yaml
            # yaml-language-server: $schema=../experiment.schema.json
            version: 1
            name: adding-problem
            question: How far back can each cell remember?
            task:   { kind: adding, length: 100 }
            model:  { hidden: 64 }
            matrix:
              cell:   [rnn, lstm, gru]
              length: [50, 100]
              include: [{ cell: lstm, forget_bias: 2, label: lstm+fb2 }]
              exclude: [{ cell: rnn, length: 100 }]
            seeds:  { count: 8, base: 1 }
            train:  { steps: 3000, batch: 64, optimizer: { lr: { rnn: 1e-3, lstm: 3e-3, gru: 3e-3 } }, clip_norm: 1.0 }
            target: { metric: eval.loss, below: 0.01 }
            claims:
              - { id: remembers, that: lstm, beats: rnn, on: gradient.slope, at: init, by: 0.05 }
              - { id: on-par, that: gru, equals: lstm, on: eval.loss, within: 10% }
            ```

            Unknown keys are errors, as are anchors, aliases, tags and a second document; [every diagnostic](diagnostics.md) says
            where it is and what was expected. Values mean what the tables below say, never what YAML would guess.
            A value marked *per cell* can be a map from cell to value, one marked *per language* a map from language to text. A value marked *factor* can stand in the matrix, under its
            short name (the last column) or its path. Whether a default is written out, in which order the keys come and how the
            file is laid out change no trial's identity: a trial that was finished once is not trained again.


            """);
        foreach (var (title, prefix, text) in Sections)
        {
            page.Append(CultureInfo.InvariantCulture, $"## {title}\n\n");
            if (text.Length > 0) page.Append(CultureInfo.InvariantCulture, $"{text}\n\n");
            if (prefix == "task.") AppendTasks(page);
            AppendTable(page, SettingCatalog.All.Where(setting => prefix.Length == 0 ? !setting.Path.Contains('.', StringComparison.Ordinal) : setting.Path.StartsWith(prefix, StringComparison.Ordinal)));
            if (prefix == "model.") AppendCells(page);
            if (prefix == "tune.") AppendTuning(page);
        }

        AppendMatrix(page);
        page.Append("## claims\n\nA list of statements that the report decides with evidence. Each has `id`, `that`, `on` and one of `beats`, `equals`, `reaches`, `grows_with`, `falls_with`.\n\n");
        AppendTable(page, ClaimSettingCatalog.All);
        page.Append("`where: { task: latch, length: [20, 50] }` restricts a claim to the conditions with these levels; without it, it must hold in every combination of the factors that its arms share.\n\n");
        AppendMetrics(page);
        AppendOverrides(page);
        return page.ToString();
    }

    /// <summary>Every diagnostic code with its explanation.</summary>
    public static string Diagnostics()
    {
        var page = new StringBuilder();
        page.Append(CultureInfo.InvariantCulture, $"{Generated}\n\n# Diagnostics\n\n");
        page.Append("What the reader of experiment files says, by code. An example may leave out the blocks that are not its subject.\n");
        foreach (var explanation in DiagnosticExplanations.All)
        {
            page.Append(CultureInfo.InvariantCulture, $"\n## {explanation.Code}: {explanation.Title}\n\n{explanation.Paragraph}\n");
            if (explanation.Wrong.Length == 0) continue;
            page.Append(CultureInfo.InvariantCulture, $"\nWrong:\n\n```yaml\n{explanation.Wrong}```\n{Beside(explanation.WrongData)}\nRight:\n\n```yaml\n{explanation.Right}```\n{Beside(explanation.RightData == explanation.WrongData ? null : explanation.RightData)}");
        }

        return page.ToString();
    }

    private static string Beside(string? data) => data is null ? "" : $"\nwith `{DiagnosticExplanation.DataName}`:\n\n```\n{data}```\n";

    private static void AppendTable(StringBuilder page, IEnumerable<SettingDescriptor> settings)
    {
        page.Append("| Key | Meaning | Value | Default | |\n|---|---|---|---|---|\n");
        foreach (var setting in settings)
        {
            var key = setting.Path.Replace("claims[].", "", StringComparison.Ordinal);
            var fallback = setting.Default is { } text ? $"`{text}`" : setting.DefaultNote ?? (setting.IsRequired ? "required" : "");
            var marks = new List<string>();
            if (setting.CanVary) marks.Add(setting.ShortName is { } name ? $"factor `{name}`" : "factor");
            if (setting.CanBePerCell) marks.Add("per cell");
            if (setting.CanBePerLanguage) marks.Add("per language");
            page.Append(CultureInfo.InvariantCulture, $"| `{key}` | {Cell(setting.Summary)} | {Cell(setting.Type.Expected)}, e.g. `{setting.Example}` | {Cell(fallback)} | {string.Join(", ", marks)} |\n");
        }

        page.Append('\n');
    }

    private static void AppendTasks(StringBuilder page)
    {
        foreach (var task in TaskCatalog.All)
        {
            var target = string.Create(CultureInfo.InvariantCulture, $"{task.Success.Metric} {(task.Success.Below ? "below" : "above")} {task.Success.Threshold}{(task.Success.OfBaseline ? " of the naive baseline's loss" : "")}");
            page.Append(CultureInfo.InvariantCulture, $"- `{task.Kind}`: {task.Summary.English} Naive baseline: {task.Baseline}. Solved with {target}. At least {task.MinimumLength} steps long.");
            foreach (var parameter in task.Parameters) page.Append(CultureInfo.InvariantCulture, $" Parameter `{parameter.Name}`: {TaskParameterType.TypeOf(parameter).Expected}; {(parameter.Default is { } usual ? $"default `{usual}`" : "required")}.");
            page.Append('\n');
        }

        page.Append('\n');
    }

    private static void AppendCells(StringBuilder page)
    {
        page.Append("Cells:\n\n");
        foreach (var cell in CellCatalog.All)
        {
            var own = SettingCatalog.Factors.Where(setting => setting.AppliesTo?.Invoke(cell) == true).Select(setting => $"`{setting.Key}`").ToArray();
            page.Append(CultureInfo.InvariantCulture, $"- `{cell.Name}`: {cell.Summary}{(own.Length > 0 ? $" Has {string.Join(", ", own)}." : "")}\n");
        }

        page.Append('\n');
    }

    private static void AppendTuning(StringBuilder page) => page.Append(CultureInfo.InvariantCulture, $$"""
        ```yaml
        tune:
          over:    { lr: { log: [1e-4, 1e-1] }, clip_norm: [none, 1], forget_bias: { arms: lstm, values: [drawn, 1, 2] } }
          trials:  16
          seeds:   2
          studies: 3
        seeds: { count: 8 }
        ```

        - `over` names what is searched: a range (`log`, `linear`, or `int` for whole numbers) or a list of values. `arms` keeps a setting to some arms.
          It can be tuned: {{string.Join(", ", SettingCatalog.Tunable.Select(setting => $"`{setting.Name}`"))}}.
        - Every arm gets the same number of points, and the settings that arms share get the same values. Another number for one arm is an error.
        - Each point is trained on `seeds` seeds of its own. The median of `select` decides, a diverged trial counts as the worst, and the point that was
          drawn first wins a tie.
        - `studies` repeats the search with other points and seeds. The search whose best result is the median of all chooses.
        - Every arm is then trained at its chosen values on the seeds of `seeds:`, which tuning never saw. Verdicts count these trials only.
        - A claim about an arm whose best value lies at the edge of its range is not tested: better values may lie beyond.
        - `per: [length]` tunes each length by itself and shares the points among all other factors. Without it, every condition is tuned by itself.


        """);

    private static void AppendMatrix(StringBuilder page) => page.Append("""
        ## matrix

        Each key is a factor, each value its levels: a list, one value, or a range. All combinations are trained.

        - `{ from: 16, to: 256, times: 2 }` is 16, 32, 64, 128, 256.
        - `{ from: 0, to: 1, steps: 5 }` is 0, 0.25, 0.5, 0.75, 1.
        - `exclude` lists combinations that are left out: those in which every named factor has (one of) the given levels.
        - `include` lists arms beside the matrix. An arm gives values for some factors, which need not be factors of the matrix,
          and takes part in every combination of the factors that it does not name. Its `label` is what claims and tables call it.
          Where an arm lists several values, it stands for one arm per combination: `{ cell: [rnn, lstm], task: latch, length: 50 }`.
        - A factor that a cell does not have (an RNN's forget bias) gives that cell one condition, not one per level.

        An experiment has at most 100,000 trials.


        """);

    private static void AppendMetrics(StringBuilder page)
    {
        page.Append("Metrics that claims can name:\n\n");
        foreach (var metric in MetricCatalog.All.Where(metric => metric.IsClaimable))
        {
            var direction = metric.LowerIsBetter switch { true => " Lower is better.", false => " Higher is better.", null => "" };
            page.Append(CultureInfo.InvariantCulture, $"- `{metric.Name}`{(metric.Unit.Length > 0 ? $" ({metric.Unit})" : "")}: {metric.Summary}{direction}\n");
        }

        page.Append('\n');
    }

    private static void AppendOverrides(StringBuilder page) => page.Append("""
        ## Changing settings on the command line

        `--set path=value` changes a setting of the file; it can be given several times, and later ones count. The path is a
        setting's path or short name, a whole block, one cell's value, or a factor. A setting that is set counts instead of the
        factor's levels in the matrix and of what included arms give.

            --set train.steps=500
            --set length=20
            --set train.optimizer.lr.rnn=0.01
            --set matrix.length=[10,20]
            --set seeds=3

        """);

    private static string Cell(string text) => text.Replace("|", "\\|", StringComparison.Ordinal);
}
