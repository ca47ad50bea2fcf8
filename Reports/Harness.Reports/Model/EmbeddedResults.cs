using System.Globalization;
using System.Text;
using System.Text.Json;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Results;
using Harness.Reports.Figures;

namespace Harness.Reports.Model;

/// <summary>
/// The results as JSON for readers who calculate: every trial with its outcome, the curves reduced to what the size allows,
/// gradient norms with six digits. The writer's default encoder escapes &lt;, so no name can end the script element.
/// </summary>
internal static class EmbeddedResults
{
    /// <summary>Version of this JSON's shape.</summary>
    private const int Version = 1;

    /// <summary>Points of all curves together; about 12 bytes each.</summary>
    private const int CurvePoints = 60_000;

    private const int GradientPoints = 60_000;

    public static string Json(ExperimentResults results)
    {
        var trials = results.Conditions.SelectMany(c => c.Trials).ToList();
        var perCurve = PerCurve(CurvePoints, trials.Sum(t => t.Metrics.Count));
        var perProfile = PerCurve(GradientPoints, trials.Sum(t => t.Gradients.Count));
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteNumber("version", Version);
            json.WriteString("experiment", results.Id);
            json.WriteString("name", results.Name);
            json.WriteString("spec_digest", results.SpecDigest);
            json.WriteNumber("points_per_curve", perCurve);
            json.WriteNumber("points_per_profile", perProfile);
            json.WriteStartArray("conditions");
            foreach (var condition in results.Conditions) Write(json, condition, perCurve, perProfile);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(buffer.GetBuffer(), 0, (int)buffer.Length);
    }

    private static int PerCurve(int total, int curves) => Math.Clamp(total / Math.Max(1, curves), 9, 1200);

    private static void Write(Utf8JsonWriter json, ConditionResults condition, int perCurve, int perProfile)
    {
        json.WriteStartObject();
        json.WriteString("label", condition.Label);
        json.WriteStartObject("factors");
        foreach (var (name, level) in condition.Factors.OrderBy(pair => pair.Key, StringComparer.Ordinal)) json.WriteString(name, level);
        json.WriteEndObject();
        json.WriteNumber("parameters", condition.Parameters);
        json.WriteNumber("parameters_total", condition.ParametersTotal);
        json.WriteStartArray("trials");
        foreach (var trial in condition.Trials) Write(json, trial, perCurve, perProfile);
        json.WriteEndArray();
        if (condition.Timed.Count > 0)
        {
            json.WriteStartArray("timed");
            foreach (var timed in condition.Timed) Write(json, timed);
            json.WriteEndArray();
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TimedArm timed)
    {
        json.WriteStartObject();
        json.WriteString("kernel", timed.Kernel.ToString().ToLowerInvariant());
        json.WriteNumber("threads", timed.Threads);
        json.WriteString("timing_trial", timed.Run.Id);
        if (timed.Run.Host is { } host) json.WriteString("machine", host);
        if (timed.Timing is { } timing)
        {
            Array(json, "ms_per_step", timing.StepMs.Select(ms => (double?)ms));
            Number(json, "data_ms", Quantiles.Median(timing.DataMs));
            Number(json, "forward_ms", Quantiles.Median(timing.ForwardMs));
            Number(json, "backward_ms", Quantiles.Median(timing.BackwardMs));
            Number(json, "update_ms", Quantiles.Median(timing.UpdateMs));
            Number(json, "cpu_ms", Quantiles.Median(timing.CpuMs));
            Number(json, "flops_per_step", timing.FlopsPerStep);
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TrialResult trial, int perCurve, int perProfile)
    {
        json.WriteStartObject();
        json.WriteString("id", trial.Id);
        json.WriteNumber("seed", trial.Seed);
        json.WriteString("state", trial.State.ToString());
        json.WriteNumber("attempts", trial.Attempts);
        if (trial.Failure is not null) json.WriteString("failure", trial.Failure);
        if (trial.Device is not null) json.WriteString("device", trial.Device);
        if (trial.Worker is not null) json.WriteString("worker", trial.Worker);
        if (trial.Outcome is { } outcome) Write(json, outcome);
        json.WriteStartObject("metrics");
        foreach (var (name, series) in trial.Metrics.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            var points = CurveSampling.Reduce([.. series.Steps.Zip(series.Values, (x, y) => new PanelPoint(x, y))], perCurve);
            json.WriteStartObject(name);
            Array(json, "steps", points.Select(p => (double?)p.X));
            Array(json, "values", points.Select(p => (double?)p.Y));
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteStartArray("gradients");
        foreach (var profile in trial.Gradients) Write(json, profile, perProfile);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, TrialOutcome outcome)
    {
        json.WriteStartObject("outcome");
        json.WriteString("kind", outcome.Kind.ToString());
        foreach (var column in OutcomeColumn.All)
        {
            if (column.IsFlag) json.WriteBoolean(column.Name, column.Value(outcome) == 1);
            else Number(json, column.Name, column.Value(outcome));
        }

        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, GradientProfile profile, int perProfile)
    {
        var points = CurveSampling.Reduce([.. profile.Norms.Select((norm, lag) => new PanelPoint(lag, norm))], perProfile);
        json.WriteStartObject();
        json.WriteString("moment", profile.Moment.ToString());
        json.WriteNumber("step", profile.Step);
        json.WriteString("state", profile.State);
        json.WriteNumber("layer", profile.Layer);
        json.WriteBoolean("backwards", profile.Backwards);
        Number(json, "slope", profile.Slope);
        Array(json, "lags", points.Select(p => (double?)p.X));
        Array(json, "norms", points.Select(p => (double?)p.Y));
        json.WriteEndObject();
    }

    private static void Array(Utf8JsonWriter json, string name, IEnumerable<double?> values)
    {
        json.WriteStartArray(name);
        foreach (var value in values) json.WriteRawValue(Text(value));
        json.WriteEndArray();
    }

    private static void Number(Utf8JsonWriter json, string name, double? value)
    {
        json.WritePropertyName(name);
        json.WriteRawValue(Text(value));
    }

    /// <summary>Six significant digits; what is not finite becomes the same named literals as in the product's other JSON.</summary>
    private static string Text(double? value) => value switch
    {
        null => "null",
        { } number when double.IsNaN(number) => "\"NaN\"",
        double.PositiveInfinity => "\"Infinity\"",
        double.NegativeInfinity => "\"-Infinity\"",
        { } number => number.ToString("G6", CultureInfo.InvariantCulture),
    };
}
