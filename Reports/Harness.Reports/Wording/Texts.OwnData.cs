using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Wording;

/// <summary>The words of the section about a person's own data.</summary>
public partial class Texts
{
    public virtual string OwnDataSection => "Your data, and what it takes to beat simple predictors";
    public virtual string OwnDataIntroduction => "Simple predictors are fitted on the training part and evaluated on the same sequences as the networks. The baseline is the simple predictor with the smallest loss on the validation part. Losses of networks are medians over seeds.";
    public virtual string PredictorsCaption(string task) => $"Simple predictors and networks on {task}";
    public virtual string PredictorColumn => "Predictor";
    public virtual string ValidationLoss => "Validation loss";
    public virtual string TestLossColumn => "Test loss";
    public virtual string TestErrorColumn(string target) => $"Test RMSE of {target}";
    public virtual string TestAccuracyColumn => "Test accuracy";
    public virtual string ValidationAccuracyColumn => "Validation accuracy";
    public virtual string SkillColumn => "Skill on test";
    public virtual string SkillHint => "1 − loss ÷ loss of the baseline";
    public virtual string BaselineMark => "the baseline";
    public virtual string InUnitsOfTarget => "in the target's own unit";
    public virtual string BaselineName(BaselineDefinition baseline) => baseline.Words.English;

    /// <summary>The baseline as a side of a comparison.</summary>
    public virtual string BaselineArm(BaselineDefinition baseline) => $"the {baseline.Words.English}";

    /// <param name="task">What the sentence is about, e.g. a length.</param>
    public virtual string NoNetworkWins(string task, string baseline, string loss, string network, string best) =>
        $"{task}: no network beats the {baseline} on the test part: its loss is {loss}, that of the best network ({network}) {best}. Use the {baseline}.";

    public virtual string NetworkWins(string task, string baseline, string loss, string network, string best, string skill) =>
        $"{task}: {network} has the smallest test loss, {best} against {loss} of the {baseline}: {skill} less.";

    /// <summary>A measure with the values of the winner and of the loser.</summary>
    public virtual string MeasureAgainst(string metric, string winner, string loser) => $"{metric.Trim()} ({winner} against {loser})";

    /// <param name="baselineWins">Measures on which the baseline is better.</param>
    /// <param name="networkWins">Measures on which the network is.</param>
    /// <param name="ties">Measures on which both are equal.</param>
    public virtual string MeasureWinners(string task, string baseline, IReadOnlyList<string> baselineWins, string network, IReadOnlyList<string> networkWins, IReadOnlyList<string> ties) =>
        $"{task}: {string.Join("; ", new[]
        {
            baselineWins.Count == 0 ? null : $"the {baseline} wins on {And(baselineWins)}",
            networkWins.Count == 0 ? null : $"{network}, the network with the smallest validation loss, wins on {And(networkWins)}",
            ties.Count == 0 ? null : $"both are equal on {And(ties)}",
        }.OfType<string>())}.";

    public virtual string MeasureColumn(string metric) => metric switch
    {
        MetricCatalog.TestRootMeanSquare => "Test RMSE",
        MetricCatalog.TestMeanAbsolute => "Test MAE",
        MetricCatalog.TestScaledError => "Test MASE",
        MetricCatalog.TestPercentError => "Test sMAPE",
        MetricCatalog.TestBalancedAccuracy => "Balanced test accuracy",
        MetricCatalog.TestMacroF1 => "Test macro F1",
        MetricCatalog.TestBits => "Test bits per character",
        MetricCatalog.TestPerplexity => "Test perplexity",
        _ => metric,
    };

    // The recommendation.
    public virtual string RecommendationTitle => "What to use";
    public virtual string ExpectedMeasure(DataQuestions question, string target) => question switch
    {
        DataQuestions.Class => "share of right answers",
        DataQuestions.Text => "bits per character",
        _ => $"root mean square error of {target}",
    };

    public virtual string NetworkOfSize(ModelSpec model, string label) =>
        $"{label} ({model.Hidden.ToString(CultureInfo.InvariantCulture)} units{(model.Layers > 1 ? $" in each of {model.Layers.ToString(CultureInfo.InvariantCulture)} layers" : "")})";

    public virtual string IntervalOf(string low, string high, int seeds) => $" (95 % interval {low} – {high}, {seeds} seeds)";

    public virtual string TakeNetwork(RecommendedText text, string parameters, string seconds)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"{text.Task}: take {text.Network}. On the test part its {text.Measure} is {text.NetworkValue}{text.Interval}; that of the {text.Baseline}, the best simple predictor on the validation part, is {text.BaselineValue}. It has {parameters} parameters and trains in {seconds} s.";
    }

    public virtual string TakeBaseline(RecommendedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"{text.Task}: take the {text.Baseline}. On the test part its {text.Measure} is {text.BaselineValue}; that of {text.Network}, the network with the smallest validation loss, is {text.NetworkValue}{text.Interval}.";
    }

    public virtual string TakeBaselineOfTie(RecommendedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return $"{text.Task}: take the {text.Baseline}, which needs no training. On the test part {text.Network}, the network with the smallest validation loss, is neither clearly better nor clearly worse: its {text.Measure} is {text.NetworkValue}{text.Interval}, that of the {text.Baseline} {text.BaselineValue}.";
    }

    // Figures of the test part.
    public virtual string ForecastTitle => "Forecasts on the test part";
    public virtual string ForecastFinding(string task, string first, string last, string network, string miss, string baseline, string baselineMiss) =>
        $"{task}, rows {first} to {last}: the median forecast of {network} misses by {miss} in the mean, the {baseline} by {baselineMiss}.";
    public virtual string TruthWord => "truth";
    public virtual string NetworkColumn => "Network";
    public virtual string BaselineColumn => "Baseline";
    public virtual string SeriesColumn => "Target";
    public virtual string RowAxis => "row of the file";
    public virtual string MedianOfSeeds(int seeds) => $"median of {seeds} {(seeds == 1 ? "seed" : "seeds")}";
    public virtual string ForecastTableCaption => "Truth and forecasts, in the target's own unit";
    public virtual IReadOnlyList<string> ForecastHowToRead =>
    [
        "Each point is a forecast made from the rows before it. The network is the one with the smallest validation loss, the baseline the simple predictor with the smallest one.",
        "A forecast that repeats the truth one row late has learned to say the last value.",
    ];

    public virtual string ResidualTitle => "Do errors on the test part follow a pattern?";
    public virtual string ResidualFinding(string task, string network, int outside, int lags, string largest, string lag, string chance) =>
        $"{task}: the errors of {network} correlate beyond ±{chance}, the range of chance, at {outside} of {lags} lags; the largest correlation is {largest}, at lag {lag}.";
    public virtual string LagOfRowsAxis => "lag (rows)";
    public virtual string CorrelationAxis => "correlation of errors";
    public virtual string ChanceLabel => "chance";
    public virtual string ResidualTableCaption => "Autocorrelation of the errors on the test part";
    public virtual IReadOnlyList<string> ResidualHowToRead =>
    [
        "An error is truth minus forecast. Where errors a fixed number of rows apart resemble each other, something predictable is left.",
        "Of 20 lags about one lies outside of ±1.96/√n by chance.",
    ];

    public virtual string ConfusionTitle => "Which classes are confused on the test part";
    public virtual string ByClassTitle => "Right answers by class";
    public virtual string ConfusionFinding(string task, string network, string best, string bestShare, string worst, string worstShare, string? confused) => best == worst
        ? $"{task}: {network} answers {bestShare} of {best} right.{confused}"
        : $"{task}: {network} answers {bestShare} of {best} right and {worstShare} of {worst}.{confused}";
    public virtual string ConfusedClasses(string right, string answer, string share) => $" It takes {share} of {right} for {answer}, the most frequent confusion.";
    public virtual string AnsweredAxis => "answered class";
    public virtual string RightClassAxis => "right class";
    public virtual string ShareRightAxis => "right answers";
    public virtual string AskedColumn => "Asked";
    public virtual string ShareRightHint => "share of right answers";
    public virtual string ConfusionScale => "share of the right class";
    public virtual string ConfusionTableCaption => "Answers by right class, over all seeds";
    public virtual IReadOnlyList<string> ConfusionHowToRead =>
    [
        "Each line of the field is a right class, each column an answer. A bright diagonal means right answers; a bright cell beside it names the confusion.",
        "The second drawing compares the share of right answers of each class with the baseline. A class that only the baseline answers right was not learned.",
    ];

    public virtual string ClassErrorTitle => "Error by class on the test part";
    public virtual string RecallAxis => "recall";
    public virtual string PrecisionAxis => "precision";
    public virtual string ClassShareColumn => "share of the class";
    public virtual string SeedsSpreadColumn => "Range over seeds";
    public virtual string ClassErrorTableCaption => "Recall and precision by class on the test part";
    public virtual string ClassErrorFinding(string task, string network, string missed, string recall, string share, string doubted, string precision) =>
        $"{task}: {network} finds {recall} of {missed}, the class that it finds least often; {share} of the test part {(share.StartsWith("1\u202f", StringComparison.Ordinal) ? "is" : "are")} {missed}. Where it answers {doubted}, {precision} of the answers are right: no other answer is less reliable.";
    public virtual IReadOnlyList<string> ClassErrorHowToRead =>
    [
        "Recall is the share of a class that is answered right. Precision is the share of right ones among the answers of that class. Marks are medians over seeds, lines reach from the smallest to the largest seed.",
        "The diamond is the share of the class. A rare class with low recall hardly changes the overall accuracy, so look here before you trust that number.",
    ];

    public virtual string PeriodErrorTitle => "Error from the beginning to the end of the test part";
    public virtual string WrongShareColumn => "wrong answers";
    public virtual string FirstRowColumn => "First row";
    public virtual string LastRowColumn => "Last row";
    public virtual string ErrorColumn => "Error";
    public virtual string PeriodErrorHint => "the RMSE in the target's unit, or the share of wrong answers";
    public virtual string PeriodErrorTableCaption => "Test error by period";
    public virtual string PeriodErrorFinding(string task, string network, bool isShare, string worst, string most, string best, string least, string baseline, string better, string periods) =>
        $"{task}: {(isShare ? "the share of wrong answers" : "the RMSE")} of {network} is largest in rows {worst} ({most}) and smallest in rows {best} ({least}). It is below that of the {baseline} in {better} of {periods} periods.";
    public virtual IReadOnlyList<string> PeriodErrorHowToRead =>
    [
        "Each point is the error within one stretch of the test part. All stretches hold equally many stored answers. A line is the median over seeds; the area reaches from the smallest to the largest seed.",
        "One mean hides when errors happen. A line that rises says that the network ages: train it again with newer rows. A peak of all lines names an unusual period.",
    ];

    public virtual string HorizonTitle => "Error by horizon";
    public virtual string HorizonFinding(string task, string network, string first, string last, string near, string far, string baseline, string baselineNear, string baselineFar, string better, string steps) =>
        $"{task}: the RMSE of {network} is {near} for {first} {(first == "1" ? "row" : "rows")} ahead and {far} for {last}; that of the {baseline} is {baselineNear} and {baselineFar}. The network is better at {better} of {steps} distances.";
    public virtual string RowsAheadAxis => "rows ahead";
    public virtual string SmallestOfSeeds => "Smallest RMSE of a seed";
    public virtual string LargestOfSeeds => "Largest RMSE of a seed";
    public virtual string HorizonTableCaption => "Test error by the rows ahead";
    public virtual IReadOnlyList<string> HorizonHowToRead =>
    [
        "Each network answers all rows of the horizon at once. A line is the root mean square error on the test part for one distance, the median over seeds; the area reaches from the smallest to the largest seed.",
        "The broken line is the baseline: the simple predictor with the smallest loss on the validation part over all rows. Where a network lies above it, use the baseline for that distance.",
    ];

    public virtual string GeneratedCaption(string prompt) => $"Generated text: each network continues the beginning of the test part, “{prompt}”. Below temperature 1 likely characters become likelier; ↵ is the end of a line.";
    public virtual string TemperatureColumn => "Temperature";
    public virtual string GeneratedColumn => "Text";

    public virtual string LookBackTitle => "How much of the past is needed";
    public virtual string LookBackFinding(string task, string network, string needed, string window, bool isFirst, bool isAll, string shortLoss, string wholeLoss) => isFirst
        ? $"{task}: {network} needs the newest row alone: hiding the older rows raises the test loss by less than 5 %."
        : isAll
            ? $"{task}: {network} uses the whole window of {window} rows: the test loss falls from {shortLoss} with the newest row alone to {wholeLoss}. A longer window may help."
            : $"{task}: {network} needs {needed} of the {window} rows; what lies before them gives less than 5 % of the gain from the past. The test loss falls from {shortLoss} with the newest row alone to {wholeLoss} with the whole window.";
    public virtual string LookBackUnknown(string task, string network) => $"{task}: how much of the past {network} needs is unknown, because its test loss is not finite.";
    public virtual string NeedsRows(string rows) => $"needs {rows} {(rows == "1" ? "row" : "rows")}";
    public virtual string RowsShownAxis => "newest rows shown";
    public virtual string LookBackTableCaption => "Test loss by the number of newest rows shown";
    public virtual IReadOnlyList<string> LookBackHowToRead =>
    [
        "Each trained network answers windows of the test part in which only the newest rows are their own. The older rows come from another window, so that values look usual but tell nothing about the answer.",
        "Where the curve is flat, older rows make no difference to this network. A network that has not learned to use the past shows a flat curve, too.",
    ];

    public virtual string CardCaption(string task) => $"What the data file holds for {task}";
    public virtual string CardFact => "Fact";
    public virtual string CardValue => "Value";
    public virtual string CardRows => "Rows or characters";
    public virtual string CardSeries(string count, string shortest, string longest) => $"{count} series of {shortest} to {longest} rows";
    public virtual string CardSeriesWord => "Series";
    public virtual string CardTime => "Time";
    public virtual string CardTimeValue(DataTime time, string gaps, string absent) =>
        $"{time.Column}: {time.From} to {time.To}, every {EveryWords(time)}; {(time.Gaps == 0 ? "no gaps" : $"{gaps} gaps that lack about {absent} rows")}";

    public virtual string CardSeason => "Season";
    public virtual string CardSeasonValue(string rows) => $"{rows} rows";
    public virtual string CardSequences => "Sequences for training, validation, test";
    public virtual string CardIndependent => "Of these at most without a common row";
    public virtual string CardMissing => "Missing values";
    public virtual string CardConstant => "Inputs that never change";
    public virtual string CardRepeated => "Inputs that repeat another";
    public virtual string CardClasses => "Classes in the training part";
    public virtual string CardUnknown => "Unknown characters of validation and test";
    public virtual string CardLicence => "Licence";

    public virtual string CardOutside => "Answers of validation and test outside the range of training";
    public virtual string CardTarget => "Target in the training part";
    public virtual string CardTargetValue(string mean, string deviation) => $"mean {mean}, standard deviation {deviation}; a loss of 1 is an error of one such deviation";

    public virtual string DataWarningSentence(DataWarning warning) => warning switch
    {
        DataWarning.NewestFirst => "The newest row of the data comes first: training saw the future, and the test is the past. Verdicts say nothing about forecasting.",
        DataWarning.Interleaved => "Several rows have the same date: the file holds several series, and windows run from one into the next.",
        DataWarning.FewWindows => "Fewer than 30 independent sequences were evaluated: small differences between networks, or to the baseline, may be chance.",
        DataWarning.OutsideRange => "More than a tenth of the validation and test answers lie outside what training has seen.",
        DataWarning.Sentinel => "A value far from all others was read as a number; it may mark missing values.",
        DataWarning.UnknownCharacters => "More than 2 % of the characters are one unknown symbol, so the loss looks lower than it is.",
        DataWarning.Gaps => "Rows are missing from the series; a window that crosses a gap takes it for one step.",
        DataWarning.Leak => "An input already holds the answer.",
        _ => warning.ToString(),
    };

    private static string EveryWords(DataTime time) => time.Unit == "number" ? Formatting.Numbers.Plain(time.Every) : time.Every == 1 ? time.Unit : $"{Formatting.Numbers.Plain(time.Every)} {time.Unit}s";
}

/// <summary>What a recommendation says, part by part.</summary>
/// <param name="Task">What it is about, e.g. a target and a length.</param>
/// <param name="Network">The network with its size.</param>
/// <param name="Measure">What is expected, e.g. an error in the target's unit.</param>
/// <param name="Interval">The interval of <paramref name="NetworkValue"/> in brackets; null without one.</param>
public sealed record RecommendedText(string Task, string Network, string Baseline, string Measure, string NetworkValue, string? Interval, string BaselineValue);
