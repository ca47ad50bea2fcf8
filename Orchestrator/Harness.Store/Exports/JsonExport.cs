using System.Globalization;
using System.Text.Json;
using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;

namespace Harness.Store.Exports;

/// <summary>Results as JSON: everything that the database holds of an experiment, every point. docs/command-line.md describes it.</summary>
internal static class JsonExport
{
    /// <summary>Raised when a member changes its meaning or goes; that members are added does not raise it.</summary>
    public const int Version = 1;

    /// <param name="summary">The experiment's answer as JSON, as the HTTP interface gives it; null leaves it out.</param>
    /// <returns>The file written.</returns>
    public static IReadOnlyList<string> Write(ExperimentResults results, string path, JsonElement? summary = null)
    {
        UnfinishedFile.Write(path, file =>
        {
            using var stream = File.Create(file);
            using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = true, NewLine = "\n" });
            Write(json, results, summary);
        });
        return [path];
    }

    private static void Write(Utf8JsonWriter json, ExperimentResults results, JsonElement? summary)
    {
        json.WriteStartObject();
        json.WriteNumber("version", Version);
        json.WriteStartObject("experiment");
        json.WriteString("id", results.Id);
        json.WriteString("name", results.Name);
        json.WriteString("question", results.Question);
        json.WriteString("digest", results.SpecDigest);
        json.WriteString("spec_path", results.SpecPath);
        json.WriteString("spec_text", results.SpecText);
        json.WriteStartArray("overrides");
        foreach (var change in results.Overrides) json.WriteStringValue(change);
        json.WriteEndArray();
        json.WriteString("submitted_at", Time(results.SubmittedAt));
        json.WriteString("finished_at", results.FinishedAt is { } finished ? Time(finished) : null);
        json.WritePropertyName("claims");
        JsonSerializer.Serialize(json, results.Claims, HarnessJson.Default.IReadOnlyListClaimSpec);
        json.WriteEndObject();
        if (summary is { } answer)
        {
            json.WritePropertyName("summary");
            answer.WriteTo(json);
        }

        json.WriteStartArray("damage");
        foreach (var part in results.Damage) json.WriteStringValue(part.ToString());
        json.WriteEndArray();
        json.WriteStartArray("environments");
        foreach (var environment in results.Environments) JsonSerializer.Serialize(json, environment, HarnessJson.Default.EnvironmentRecord);
        json.WriteEndArray();
        json.WriteStartArray("conditions");
        foreach (var condition in results.Conditions) Write(json, condition);
        json.WriteEndArray();
        if (results.Tuning is { } tuning) Write(json, tuning);
        json.WriteStartArray("timing_trials");
        foreach (var trial in results.Timings) Write(json, trial);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, ConditionResults condition)
    {
        json.WriteStartObject();
        json.WriteString("label", condition.Label);
        json.WriteStartObject("factors");
        foreach (var (name, level) in condition.Factors.OrderBy(factor => factor.Key, StringComparer.Ordinal)) json.WriteString(name, level);
        json.WriteEndObject();
        json.WriteNumber("parameters", condition.Parameters);
        json.WriteNumber("parameters_total", condition.ParametersTotal);
        json.WritePropertyName("spec");
        JsonSerializer.Serialize(json, condition.Trial, HarnessJson.Default.TrialSpec);
        if (condition.Sample is not null)
        {
            json.WritePropertyName("sample");
            JsonSerializer.Serialize(json, condition.Sample, HarnessJson.Default.TaskSample);
        }

        json.WriteStartArray("trials");
        foreach (var trial in condition.Trials) Write(json, trial);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TrialResult trial)
    {
        json.WriteStartObject();
        json.WriteString("id", trial.Id);
        json.WriteNumber("seed", trial.Seed);
        json.WriteString("state", ExperimentStore.Word(trial.State));
        json.WriteNumber("attempts", trial.Attempts);
        json.WriteString("failure", trial.Failure);
        json.WriteString("device", trial.Device);
        json.WriteString("worker", trial.Worker);
        if (trial.IsUnchecked) json.WriteString("self_check", "missing");
        json.WritePropertyName("outcome");
        if (trial.Outcome is null) json.WriteNullValue();
        else JsonSerializer.Serialize(json, trial.Outcome, HarnessJson.Default.TrialOutcome);
        json.WriteStartObject("metrics");
        foreach (var (name, series) in trial.Metrics.OrderBy(metric => metric.Key, StringComparer.Ordinal))
        {
            json.WriteStartObject(name);
            json.WriteStartArray("steps");
            foreach (var step in series.Steps) json.WriteNumberValue(step);
            json.WriteEndArray();
            json.WriteStartArray("values");
            foreach (var value in series.Values)
                if (float.IsFinite(value)) json.WriteNumberValue(value);
                else json.WriteStringValue(float.IsNaN(value) ? "NaN" : value > 0 ? "Infinity" : "-Infinity");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("gradients");
        foreach (var profile in trial.Gradients) JsonSerializer.Serialize(json, profile, HarnessJson.Default.GradientProfile);
        json.WriteEndArray();
        json.WriteStartArray("gate_traces");
        foreach (var trace in trial.GateTraces) JsonSerializer.Serialize(json, trace, HarnessJson.Default.GateTrace);
        json.WriteEndArray();
        if (trial.Test is { } analysis)
        {
            json.WritePropertyName("test_analysis");
            JsonSerializer.Serialize(json, analysis, HarnessJson.Default.TestAnalysis);
        }

        json.WriteEndObject();
    }

    /// <summary>The search, its trials and what it chose.</summary>
    private static void Write(Utf8JsonWriter json, TuningResults tuning)
    {
        json.WriteStartObject("tuning");
        json.WritePropertyName("search");
        JsonSerializer.Serialize(json, tuning.Spec, HarnessJson.Default.TuningSpec);
        json.WriteStartArray("trials");
        foreach (var trial in tuning.Trials)
        {
            json.WriteStartObject();
            json.WriteNumber("condition", trial.Condition);
            json.WriteNumber("point", trial.Point);
            json.WriteNumber("seed", trial.Seed);
            json.WriteNumber("steps", trial.Steps);
            json.WriteString("state", ExperimentStore.Word(trial.State));
            json.WritePropertyName("outcome");
            if (trial.Outcome is null) json.WriteNullValue();
            else JsonSerializer.Serialize(json, trial.Outcome, HarnessJson.Default.TrialOutcome);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WritePropertyName("choices");
        if (tuning.Choices is null) json.WriteNullValue();
        else JsonSerializer.Serialize(json, tuning.Choices, HarnessJson.Default.IReadOnlyListTuningChoice);
        json.WriteEndObject();
    }

    /// <summary>The spec names the arms, the result has their times by round in the same order.</summary>
    private static void Write(Utf8JsonWriter json, TimedTrial trial)
    {
        json.WriteStartObject();
        json.WriteString("id", trial.Id);
        json.WriteString("state", ExperimentStore.Word(trial.State));
        json.WriteString("failure", trial.Failure);
        json.WriteString("machine", trial.Host);
        json.WriteString("processor", trial.Processor);
        json.WritePropertyName("spec");
        JsonSerializer.Serialize(json, trial.Spec, HarnessJson.Default.TimingSpec);
        json.WritePropertyName("result");
        if (trial.Result is null) json.WriteNullValue();
        else JsonSerializer.Serialize(json, trial.Result, HarnessJson.Default.TimingResult);
        json.WriteEndObject();
    }

    private static string Time(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
}
