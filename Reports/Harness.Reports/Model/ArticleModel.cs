using Harness.Abstractions.Settings;
using Harness.Reports.Outcomes;
using Harness.Reports.Wording;

namespace Harness.Reports.Model;

/// <summary>One claim of the course article with what this experiment says about it.</summary>
/// <param name="Number">1 … 16.</param>
/// <param name="Claim">What the article says.</param>
/// <param name="Answers">The verdicts on the experiment's claims that test it; empty when none does.</param>
/// <param name="Found">What the verdicts add up to, in words.</param>
/// <param name="Why">Why that is to be expected, or not.</param>
public sealed record ArticlePoint(int Number, string Subject, string Claim, IReadOnlyList<ArticleAnswer> Answers, string Found, string Why);

/// <param name="Card">The verdict's card.</param>
public sealed record ArticleAnswer(string Mark, string Word, ClaimLink Card);

/// <summary>The course article's claims, each answered or said to be open.</summary>
public sealed record ArticleModel(string Introduction, IReadOnlyList<ArticlePoint> Points);

/// <summary>Sorts the verdicts under the article's claims.</summary>
internal static class ArticleAnswers
{
    /// <summary>The claim that is shown, not decided: how hard a GRU's inner workings are to read.</summary>
    private const int Interpretability = 15;

    /// <param name="gates">The figure of the gates over a sequence, if there is one.</param>
    public static ArticleModel? Of(VerdictsModel? verdicts, FigureModel? gates, Texts texts)
    {
        if (verdicts?.Cards.Any(card => card.Article is not null) != true) return null;
        return new(texts.ArticleIntroduction, [.. Enumerable.Range(1, ClaimSettingCatalog.ArticleClaims).Select(number => Point(number, verdicts, gates, texts))]);
    }

    private static ArticlePoint Point(int number, VerdictsModel verdicts, FigureModel? gates, Texts texts)
    {
        var cards = verdicts.Cards.Where(card => card.Article == number).ToList();
        var text = texts.ArticleClaim(number);
        List<ArticleAnswer> answers = [.. cards.Select(card => new ArticleAnswer(card.Mark, card.Word, new(card.Id, card.Statement)))];
        if (number == Interpretability && gates is not null) answers.Add(new("", texts.Shown, new(gates.Id, texts.GatesTitle)));
        return new(number, text.Subject, text.Claim, answers, Found(cards, answers.Count > cards.Count, texts), text.Why);
    }

    private static string Found(List<VerdictCard> cards, bool isShown, Texts texts)
    {
        var decided = cards.Where(card => card.Kind is VerdictKind.Supported or VerdictKind.Contradicted or VerdictKind.NoMeaningfulDifference or VerdictKind.Depends).ToList();
        if (decided.Count == 0) return cards.Count > 0 ? texts.ArticleUndecided : isShown ? texts.ArticleShown : texts.ArticleNotAsked;
        var supported = decided.Count(card => card.Kind == VerdictKind.Supported);
        var depending = decided.Count(card => card.Kind == VerdictKind.Depends);
        return supported == decided.Count ? texts.ArticleHolds(supported, cards.Count)
            : supported + depending == 0 ? texts.ArticleFails(decided.Count, cards.Count)
            : texts.ArticleDepends(supported, decided.Count - supported - depending, depending, cards.Count);
    }
}
