using Harness.Abstractions.Results;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <param name="Findings">Whether any network beats the baseline, file by file and length by length.</param>
/// <param name="Warnings">What makes a verdict about these data doubtful.</param>
/// <param name="Tables">Predictors with networks, and the cards of the files.</param>
public sealed record OwnDataModel(string Introduction, IReadOnlyList<string> Findings, IReadOnlyList<string> Warnings, IReadOnlyList<Table> Tables)
{
    /// <summary>What to use, file by file and length by length.</summary>
    public IReadOnlyList<string> Recommendations { get; init; } = [];

    /// <summary>Those findings by which no network is worth its cost.</summary>
    public IReadOnlyList<string> Defeats { get; init; } = [];

    /// <summary>What was answered on the test part.</summary>
    public IReadOnlyList<FigureModel> Figures { get; init; } = [];
}

/// <summary>What a person's own data hold, and how networks compare with predictors that cost nothing.</summary>
internal static class OwnData
{
    /// <summary>The anchor of the section.</summary>
    public const string Section = "own-data";

    private const int MostTasks = 6;

    /// <summary>Null where no task reads a file.</summary>
    /// <param name="licence">Of the data; null where it is not recorded.</param>
    /// <param name="numbered">Builds the figures, each with its number.</param>
    public static OwnDataModel? Of(IReadOnlyList<ConditionResults> conditions, string? licence, Texts texts, Func<Func<int, FigureModel?>[], IReadOnlyList<FigureModel>> numbered)
    {
        var groups = Groups(conditions, texts);
        if (groups.Count == 0) return null;
        return new(texts.OwnDataIntroduction,
            [.. groups.SelectMany(group => group.Findings())],
            [.. groups.SelectMany(group => group.Card?.Warnings ?? []).Distinct().Select(texts.DataWarningSentence)],
            [.. groups.SelectMany(group => new[] { group.Baselines.Count > 0 ? group.Predictors() : null, GeneratedTexts.Of(group, texts), group.Card is null ? null : group.CardTable(licence) }).OfType<Table>()])
        {
            Figures =
            [
                .. numbered([
                    number => AnswerFigures.OfForecasts(groups, texts, number), number => AnswerFigures.OfConfusions(groups, texts, number), number => ClassErrorFigure.Of(groups, texts, number),
                    number => HorizonFigure.Of(groups, texts, number), number => AnswerFigures.OfLookBack(groups, texts, number), number => PeriodErrorFigure.Of(groups, texts, number),
                    number => AnswerFigures.OfResiduals(groups, texts, number),
                ]).Select(figure => figure.WithOneLegend()),
            ],
            Recommendations = [.. groups.Select(group => Recommendation.Of(group, texts)).OfType<string>()],
            Defeats = [.. groups.Select(group => group.Defeat).OfType<string>()],
        };
    }

    /// <summary>The conditions of each file and length.</summary>
    public static IReadOnlyList<DataGroup> Groups(IReadOnlyList<ConditionResults> conditions, Texts texts) =>
    [
        .. conditions.Where(condition => condition.Trial.Task.Data is not null).GroupBy(condition => condition.Trial.Task).Take(MostTasks)
            .Select((group, index) => new DataGroup([.. group], index, texts)).Where(group => group.Baselines.Count > 0 || group.Card is not null),
    ];
}
