using System.Globalization;
using System.Text;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;

namespace Harness.Training.Models;

/// <summary>What a person needs to know of an exported model, in Markdown.</summary>
internal static class ModelCard
{
    public static string Of(ModelDescription model, string format)
    {
        var (text, spec) = (new StringBuilder(), model.Spec);
        var (cell, task) = (CellCatalog.Get(spec.Model.Cell), TaskCatalog.Get(spec.Task.Kind));
        Line($"# {cell.DisplayName} for {Subject(model)}");
        Line($"Network: {cell.DisplayName}{(spec.Model.Bidirectional ? ", bidirectional" : "")}, {Count(spec.Model.Layers, "layer")} of {Count(spec.Model.Hidden, "unit")}{(spec.Model.Activation is { } activation ? $", activation {activation}" : "")}, then a linear output layer.");
        Line($"It was trained for {Count(model.Step, "optimizer step")} with seed {spec.Seed}. The trial is `{model.Trial}`{(model.Experiment is { } experiment ? $" of the experiment {experiment}, condition {model.Condition}" : "")}.");

        Line("## Input");
        Line(Inputs(model));
        if (model.Inputs.Columns is { } columns)
        {
            Line("The columns in order, with mean and standard deviation of the training part:");
            Table(["column", "mean", "standard deviation"], columns.Select(column => new[] { Plain(column.Name), Number(column.Mean), Number(column.Deviation) }));
        }

        Line("## Answer");
        Line(Answer(model));

        Line("## Measured");
        if (model.Metrics.Count == 0) Line("Nothing was recorded.");
        else Table(["metric", "value"], model.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal).Select(metric => new[] { $"`{metric.Key}`", Number(metric.Value) }));
        Line(model.Answer.Target is { } scaled
            ? $"Losses are mean squared errors in units of the target's training variance: multiply by {Number(scaled.Deviation * scaled.Deviation)} for the square of the unit of {Plain(scaled.Name)}."
            : model.Answer.IsClass ? "Losses are cross-entropies in nats." : "Losses are mean squared errors.");
        Line("`test.loss` is on rows that neither training nor the choice of the weights saw. `eval.loss` is on the validation part.");

        Line("## Data and limits");
        Line(spec.Task.Data is { } hash
            ? $"Trained on the file with SHA-256 `{hash}`, split {spec.Task.Parameters.Text("split")} by time. {(model.DataLicence is { } licence ? $"Licence of the data: {Plain(licence)}." : "The licence of the data is not recorded: ask its owner before you pass the model on.")}"
            : $"Trained on the generated task {task.Kind}.");
        Line("One experiment on one file says nothing about rows that follow another law, or lie outside the range of the training part.");

        Line("## Files");
        Line(Files(format));
        Line($"Written by {model.Producer}.");
        return text.ToString();

        void Line(string line) => text.Append(line).Append("\n\n");

        void Table(string[] header, IEnumerable<string[]> rows)
        {
            text.Append("| ").AppendJoin(" | ", header).Append(" |\n|").Append(string.Concat(header.Select(_ => " --- |"))).Append('\n');
            foreach (var row in rows) text.Append("| ").AppendJoin(" | ", row).Append(" |\n");
            text.Append('\n');
        }
    }

    private static string Subject(ModelDescription model) => model.Answer.Target?.Name ?? model.Answer.Column ?? TaskCatalog.Get(model.Spec.Task.Kind).Name.English;

    private static string Inputs(ModelDescription model) => model.Inputs switch
    {
        { Columns: not null, Window: var window } =>
            $"A window of {window} consecutive rows, oldest first, in the file's own units. In the ONNX graph it is `{OnnxModel.Numbers}`, float64 [batch, time, columns], and the graph scales it. Batch and time are free; the model was trained on {window} rows.",
        { Vocabulary: { } vocabulary, Window: var window } =>
            $"A passage of {window} characters. In the ONNX graph it is `{OnnxModel.Symbols}`, int64 [batch, time]: 1 + the character's place in the {vocabulary.Count} characters of `vocabulary` in `{ModelDescription.File}`, and 0 for any other. Batch and time are free.",
        var inputs => $"{inputs.Window} steps of {inputs.Size} numbers as the task generates them. In the ONNX graph: `{OnnxModel.Numbers}`, float32 [batch, time, {inputs.Size}].",
    };

    private static string Answer(ModelDescription model)
    {
        var answer = model.Answer;
        var ahead = answer.IsRange ? string.Create(CultureInfo.InvariantCulture, $" in each of the rows {answer.FirstHorizon} to {answer.Horizon} beyond the window's last, one column each")
            : answer.Horizon is { } horizon && model.Inputs.Vocabulary is null ? horizon == 0 ? " of the window's last row" : $" {Count(horizon, "row")} beyond the window's last" : "";
        if (answer.Target is { } target) return $"{Plain(target.Name)}{ahead}, in the file's own unit. In the ONNX graph: `{OnnxModel.Prediction}`, float64 [batch, {answer.Size}].";
        if (model.Inputs.Vocabulary is not null) return $"The next character after every step. In the ONNX graph: `{OnnxModel.Probabilities}`, float32 [batch, time, {answer.Size}], by symbol.";
        if (answer.Classes is { } classes)
            return $"The class {Plain(answer.Column ?? "")}{ahead}. In the ONNX graph: `{OnnxModel.Probabilities}`, float32 [batch, {answer.Size}], of {string.Join(", ", classes.Select(Plain))}.";
        return $"What the task asks for, from step {answer.FirstStep + 1} on. In the ONNX graph: `{(answer.IsClass ? OnnxModel.Probabilities : OnnxModel.Prediction)}`, float32.";
    }

    private static string Files(string format) =>
        $"`{ModelDescription.File}` has configuration, columns, scaling, classes and vocabulary. `{ModelDescription.Weights}` has the weights under PyTorch's names."
        + format switch
        {
            "onnx" => $" `{ModelDescription.Graph}` is the same model as a graph of ONNX operators (set {OnnxModel.OperatorSet}); it computes in float32.",
            "state-dict" => $" `{ModelDescription.StateDict}` is the state_dict that `torch.load(…, weights_only=True)` reads.",
            _ => "",
        }
        + " `harness predict` and `harness evaluate` take this folder.";

    private static string Count(int number, string noun) => string.Create(CultureInfo.InvariantCulture, $"{number:N0} {noun}{(number == 1 ? "" : "s")}");

    private static string Number(double value) => value.ToString("G9", CultureInfo.InvariantCulture);

    /// <summary>Names come from files and mean nothing to Markdown.</summary>
    private static string Plain(string name) => string.Concat(name.Select(character => "\\`*_{}[]<>()#+-!|".Contains(character, StringComparison.Ordinal) ? $"\\{character}" : char.IsControl(character) ? " " : $"{character}"));
}
