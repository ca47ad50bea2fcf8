namespace Harness.Reports.Wording;

/// <summary>The terms that a report explains. A test holds the English meanings to docs/glossary.md.</summary>
public partial class Texts
{
    public virtual string GlossarySection => "Glossary";
    public virtual string GlossaryList(int terms) => terms == 1 ? "Show the term" : $"Show {terms} terms";

    /// <summary>Around the forms of a term: it is a word of its own.</summary>
    internal virtual string TermPattern(string forms) => $@"(?<![\w-])(?:{forms})(?![\w-])";

    public virtual IReadOnlyList<GlossaryTerm> Glossary =>
    [
        new("condition", "condition", "conditions?", "One combination of factor levels, for example LSTM at length 50."),
        new("factor", "factor", "combinations? of factors|factors", "A setting that varies in the experiment"),
        new("seed", "seed", "seeds?", "The number that decides initial weights, training sequences and dropout. Every condition of an experiment has the same seeds."),
        new("trial", "trial", "trials?", "One condition with one seed. It is the unit of replication"),
        new("claim", "claim", "claims?", "A statement in the experiment file that can turn out true or false"),
        new("arm", "arm", "arms?", "One side of a comparison: the trials of one condition, or of several that a claim selects."),
        new("verdict", "verdict", "verdicts?", "The answer to a claim: supported, contradicted, no meaningful difference, it depends, inconclusive or not tested"),
        new("interval", "95 % interval", "95 % intervals?", "The values that agree with the seeds that were run. Over many repetitions of the experiment, 95 of 100 such intervals hold the true value."),
        new("n", "n", @"n(?= = \d)", "The number of seeds behind a number."),
        new("p", "p", @"p(?= (?:&lt;|&#x2264;|≤|=|\d))", "How likely chance alone is to give a difference at least this large."),
        new("holm", "Holm's correction", "Holm(?:&#x27;|'|’)s (?:correction|procedure)", "Makes the p of each of several claims larger, so that any false verdict among them stays as unlikely as with one claim."),
        new("typical-seed", "typical seed", "typical seeds?", "The centre of the differences between paired seeds (the Hodges–Lehmann location). Rare failures do not move it."),
        new("confirmation", "confirmation", "confirmation", "Training every arm at its chosen settings, on seeds that tuning never saw. Verdicts count these trials only."),
        new("study", "study", "stud(?:y|ies)", "One search of tune, with points and seeds of its own."),
        new("optimizer-step", "optimizer step", "optimizer steps?", "One update of the weights from one batch."),
        new("time-step", "time step", "time steps?", "One position in a sequence."),
        new("learning-rate", "learning rate", "learning rates?", "How far an optimizer step moves the weights"),
        new("baseline", "baseline", "baselines?", "The loss of a simple predictor: the best constant or the class frequencies; for your own data the best of several"),
        new("learning-floor", "learning floor", "learning floor", "The loss below which an arm has learned: 0.95 of the baseline, or two standard errors of the baseline below it."),
        new("skill", "skill", "skill", "1 − test loss ÷ the baseline's test loss"),
        new("look-back", "look-back", "look-back", "How many of a window's newest rows a trained network needs for at least 95 % of what the past gives."),
        new("target", "target", "targets?", "The threshold at which a task counts as learned."),
        new("solved", "solved", "solved?|solves", "A trial that reached its target, at two evaluations in a row."),
        new("diverged", "diverged", "diverged|diverges?", "A trial whose loss or gradient norm was no longer finite. This is a result, not a failure."),
        new("lag", "lag", "lags?", "The number of time steps between an input and the loss, counted backwards."),
        new("gradient-profile", "gradient profile", "gradient profiles?", "The norm of the loss's gradient at each lag, averaged over sequences."),
        new("half-life", "half-life", "half-li(?:fe|ves)|half is left", "The number of time steps over which the gradient shrinks to half, from a line fitted to the profile."),
        new("h-and-c", "h and c", "(?:LSTM )?(?:h|c)(?= (?:[0-9×]|is its|what it))", "The two states of an LSTM: c is its long-term memory, h is what it shows to the rest of the network."),
        new("probe", "probe", "probes?", "A measurement of gradients, gates or weights at chosen phases of training."),
        new("interleaved", "interleaved", "interleaved|in turns|there and back", "Measured alternately in one run, forwards and then backwards (ABC, CBA)."),
        new("timing-trial", "timing trial", "timing trials?", "A trial that learns nothing and measures the time of training steps, alone on a machine."),
    ];
}
