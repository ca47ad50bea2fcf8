using Harness.Abstractions.Catalog;
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

    /// <param name="task">What the sentence is about, e.g. a length.</param>
    public virtual string NoNetworkWins(string task, string baseline, string loss, string network, string best) =>
        $"{task}: no network beats the {baseline} on the test part: its loss is {loss}, that of the best network ({network}) {best}. Use the {baseline}.";

    public virtual string NetworkWins(string task, string baseline, string loss, string network, string best, string skill) =>
        $"{task}: {network} has the smallest test loss, {best} against {loss} of the {baseline}: {skill} less.";

    /// <summary>When the loss and the share of right answers name different winners.</summary>
    public virtual string AccuracyWins(string task, string baseline, string share, string network, string best) =>
        $"{task}: right answers on the test part: {share} by the {baseline}, {best} by the best network ({network}).";

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
