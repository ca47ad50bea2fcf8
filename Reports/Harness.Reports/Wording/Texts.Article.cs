namespace Harness.Reports.Wording;

/// <summary>What the course article claims, and what is known about why that holds or does not.</summary>
/// <param name="Subject">The network it is about, and whether it speaks for or against it.</param>
/// <param name="Why">Stands under whatever was found, so it explains both outcomes.</param>
public sealed record ArticleText(string Subject, string Claim, string Why);

/// <summary>The words of the section that answers the course article.</summary>
public partial class Texts
{
    public virtual string ArticleSection => "What the article claims";
    public virtual string ArticleIntroduction => "A course article on recurrent networks lists advantages and disadvantages of RNN, LSTM and GRU. Each of its sixteen claims is listed with the verdicts of this experiment that bear on it, and with what is known about why.";
    public virtual string ArticleNotAsked => "Not asked here.";
    public virtual string ArticleUndecided => "Not decided here.";
    public virtual string ArticleShown => "Shown rather than decided.";
    public virtual string Shown => "Shown";
    public virtual string ArticleHolds(int decided, int asked) => decided == 1 && asked == 1 ? "Holds here." : $"Holds here in {decided} of {asked} tests; none speaks against it.";
    public virtual string ArticleFails(int decided, int asked) => decided == 1 && asked == 1 ? "Does not hold here." : $"Does not hold here: {decided} of {asked} tests speak against it, none for it.";
    public virtual string ArticleDepends(int supported, int against, int depending, int asked) =>
        $"It depends: of {asked} tests {supported} {(supported == 1 ? "speaks" : "speak")} for it, {against} against it{(depending == 0 ? "" : $", and the answer of {depending} depends on the setting")}.";

    /// <param name="number">1 … 16, the order of docs/article.md.</param>
    public virtual ArticleText ArticleClaim(int number) => number switch
    {
        1 => new("RNN, advantage", "its structure is simple, easy to understand and to implement.",
            "Simplicity itself cannot be measured; size can. At the same hidden size an RNN has exactly a quarter of an LSTM's and a third of a GRU's recurrent parameters: one weight block instead of four or three. A hand-written loop of a few lines trains to the same loss, as long as rounding does not part the two."),
        2 => new("RNN, advantage", "it suits sequences of any length.",
            "The same weights are applied at every step, so a recurrent network can be run over any length. Whether what it learned still holds beyond the lengths it was trained on is another question: that is what the test at another length asks."),
        3 => new("RNN, disadvantage", "on long sequences its gradients vanish or explode, which makes training hard.",
            "The gradient at lag k is a product of k Jacobians diag(tanh′)·W (Pascanu et al. 2013). At the usual random start it is measured to shrink by much the same factor at every step. W alone does not settle that: its spectral radius is about 0.6, but its largest singular value is about 1.1, and W is not normal. Exploding needs a large recurrent matrix, which no default start has: tanh saturates and holds the product back. Clipping the norm scales all lags alike, so it leaves the slope of the profile as it was. A trained RNN need not vanish any more: training can bring its spectral radius above 1."),
        4 => new("RNN, disadvantage", "training takes long, above all on long sequences.",
            "Time per step grows in proportion to the length for every recurrent cell, and an RNN's step is the cheapest of all. What can take long is the number of steps until it has learned something far back, which may be never."),
        5 => new("RNN, disadvantage", "each step depends on the last, so that it is hard to parallelise and uses hardware badly.",
            "The chain of T small matrix products has to be computed one after the other; only batch and hidden size offer parallel work. Where many processors wait for work, it shows as time that grows with the length even when the total number of tokens stays the same. So it is measured, with a Transformer beside it. On one CPU thread there is nothing to parallelise over, and the time need not grow. LSTM and GRU share it."),
        6 => new("LSTM, advantage", "its gates solve, or effectively mitigate, vanishing gradients.",
            "On its direct path along the cell state the gradient is multiplied by the forget gate alone (Hochreiter & Schmidhuber 1997; Gers et al. 2000); the path through h adds to it. A gate drawn around 0.5 forgets half at every step, so at PyTorch's default start an LSTM vanishes about as fast as an RNN; a forget bias of 1 or 2, or training that opens the gate, makes the difference. The gates make it possible; they do not guarantee it."),
        7 => new("LSTM, advantage", "it captures long-range dependencies.",
            "What counts is whether tasks whose answer lies far back are solved within the budget. With its forget gate closed half-way at the start an LSTM can fail a task that even an RNN solves now and then, such as the latch; with the gate opened it solves it within a few hundred steps."),
        8 => new("LSTM, disadvantage", "it is complex: more parameters, harder to train and to tune.",
            "Four weight blocks instead of one give exactly four times the recurrent parameters at equal hidden size. Whether it is harder to train is asked against the RNN: who solves the task, and in how many steps. Whether it is harder to tune takes several learning rates. Greff et al. (2017) found the learning rate to matter most for the LSTM too. Its forget bias is one more setting that matters (Jozefowicz et al. 2015)."),
        9 => new("LSTM, disadvantage", "it costs more computation and so trains more slowly.",
            "It needs four times an RNN's multiplications per step. Time follows only where the kernels are alike: on a CPU in float32 the library has a fused kernel for the LSTM alone, which makes it about as fast as an RNN; a hand-written loop shows the cost of the arithmetic."),
        10 => new("LSTM, disadvantage", "because of its many parameters it over-fits when data are few.",
            "At equal numbers of parameters there is no reason why it should do so more than the others, and where the answer lies far back a plain RNN that cannot find it memorises the training set instead, which is over-fitting at its worst. So the test gives all cells the same number of parameters."),
        11 => new("GRU, advantage", "it has only two gates and fewer parameters than an LSTM.",
            "Three weight blocks against four: exactly three quarters of an LSTM's recurrent parameters at equal hidden size (Cho et al. 2014)."),
        12 => new("GRU, advantage", "with fewer parameters it usually trains faster.",
            "Per step that depends on the kernel, not on the parameters: on a CPU in float32 the library's GRU lacks the fused kernel that its LSTM has and is slower by a multiple. In steps to the target a GRU often is ahead where two numbers have to be added (Bai et al. 2018). Its gradient at the start is no reason: it vanishes as fast as an LSTM's."),
        13 => new("GRU, advantage", "it is on par with the LSTM on many tasks and sometimes better.",
            "Being on par is decided by a test of equivalence, never by the absence of a difference, and on steps to the target and accuracy: ratios of losses near zero say nothing. The literature is split: Chung et al. (2014) found GRU slightly ahead on music, Bai et al. (2018) each of them ahead on some tasks."),
        14 => new("GRU, disadvantage", "on some tasks an LSTM does better.",
            "Counting is the known example: an LSTM's cell state is not squashed and can count up and down, a GRU's state is held between −1 and 1 (Weiss et al. 2018). Their test reaches words far longer than those trained on. Here words are no longer than those, because a longer word also has a longer silence before it; the longest words tell most."),
        15 => new("GRU, disadvantage", "its inner mechanism is hard to interpret.",
            "No number decides this. The gates over one evaluation sequence are drawn instead, for GRU and LSTM alike: where a gate that keeps the state closes at the symbols that matter and stays open between them, the mechanism can be read off."),
        16 => new("Transformer", "it is free of the recurrence, works on the whole sequence in parallel and trains much faster.",
            "Attention computes all steps at once, at a cost that grows with the square of the length in return. How much that gains depends on how many processors wait for work: on one CPU core there is nothing to parallelise over, and what is left is fewer, larger matrix products."),
        _ => throw new ArgumentOutOfRangeException(nameof(number), number, "The article makes sixteen claims."),
    };
}
