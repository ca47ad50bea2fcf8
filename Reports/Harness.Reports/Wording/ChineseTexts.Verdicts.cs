using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    public override string VerdictsSection => "结论";
    public override string Evidence => "依据";
    public override string DecidesClaims => "用于判定";
    public override string ConditionsLink => "各条件一览";
    public override string TableOf(string figure) => $"图 {figure} 的表格";

    public override string VerdictsIntroduction(bool own, string level) =>
        (own ? "以下是实验文件中的论断。" : "实验文件没有给出论断，以下是这类比较通常要回答的问题。") +
        $"只有在每一种设置下都成立、并且排除了偶然（按论断个数校正后 p 小于 {level}）的论断才算“支持”。各设置的判断相互矛盾且各有依据时，结论为“视情况而定”。每行前的记号表示该行自身在校正之前的判断。结论只适用于这里测量过的情形。";

    public override string VerdictMark(VerdictKind kind) => base.VerdictMark(kind);

    public override string VerdictWord(VerdictKind kind) => kind switch
    {
        VerdictKind.Supported => "支持",
        VerdictKind.Contradicted => "不支持",
        VerdictKind.NoMeaningfulDifference => "无实质差异",
        VerdictKind.Depends => "视情况而定",
        VerdictKind.Inconclusive => "尚无定论",
        _ => "未检验",
    };

    public override string Statement(ClaimSpec claim, Func<string, string> arm) => claim.Where is null ? Claimed(claim, arm) : InScope(Claimed(claim, arm), ScopeOf(claim));

    public override string ScopeOf(ClaimSpec claim) => string.Join("，", (claim.Where ?? new Dictionary<string, IReadOnlyList<string>>(StringComparer.Ordinal)).OrderBy(pair => pair.Key != "task").ThenBy(pair => pair.Key, StringComparer.Ordinal)
        .Select(pair => pair.Key == "task" ? string.Join(" / ", pair.Value.Select(TaskName)) : $"{FactorName(pair.Key)} {string.Join(" / ", pair.Value)}"));

    public override string InScope(string claim, string scope) => $"{scope}：{claim}";

    protected override string Claimed(ClaimSpec claim, Func<string, string> arm) => claim switch
    {
        ComparisonClaim { ByFactor: { } factor } c => $"在{Measure(c)}上，{arm(c.That)} 优于 {arm(c.Beats)}，至少 {Numbers.Plain(factor)} 倍。",
        ComparisonClaim { ByAmount: { } amount } c => $"在{Measure(c)}上，{arm(c.That)} 优于 {arm(c.Beats)}，至少相差 {Numbers.Plain(amount)}。",
        ComparisonClaim c => $"在{Measure(c)}上，{arm(c.That)} 优于 {arm(c.Beats)}。",
        EquivalenceClaim c => $"在{Measure(c)}上，{arm(c.That)} 与 {arm(c.EqualTo)} 相当，相差不超过 {Numbers.Plain(c.WithinFactor)} 倍。",
        ThresholdClaim { Below: { } below } c => $"{arm(c.That)} 的{Measure(c)}低于 {Numbers.Plain(below)}。",
        ThresholdClaim c => $"{arm(c.That)} 的{Measure(c)}高于 {Numbers.Plain(c.Above!.Value)}。",
        TrendClaim c => $"{arm(c.That)} 的{Measure(c)}随{FactorName(c.GrowsWith)}{(c.Falls ? "减小" : "增大")}。",
        _ => claim.Id,
    };

    public override string Measure(ClaimSpec claim) => claim.At is { } moment ? $"{Moment(moment)}的{Metric(claim.On)}" : Metric(claim.On);

    public override string Metric(string name) => MetricCatalog.Find(name)?.Words.Chinese ?? $" {name} ";

    public override string EffectOf(string first, string second, bool ratio) => base.EffectOf(first, second, ratio);
    public override string Against(string bound) => $"界限为 {bound}";
    public override string PerLevel(bool ratio) => ratio ? "相邻水平之比" : "相邻水平之差";
    public override string BetterIn(string arm, string percent) => $"任取两次运行，{arm} 更好的占 {percent}%";

    public override string Finding(string? mark, string facet, string metric, string subject, string value, string? bounds, int? seeds, bool paired, bool rounds, string? better)
    {
        var place = facet.Length == 0 ? "" : $"{facet}：";
        var range = bounds is null ? "" : $"（{bounds}）";
        var count = seeds is null ? "" : $"，{(rounds ? $"{seeds} 轮{(paired ? "配对" : "")}测量" : $"{seeds} 个{(paired ? "配对" : "")}种子")}";
        return $"{(mark is null ? "" : mark + " ")}{place}{metric.Trim()}，{subject}：{value}{range}{count}{(better is null ? "" : $"；{better}")}。";
    }

    public override string Bounds(string bounds, bool isRange) => isRange ? $"范围 {bounds}" : $"95% 置信区间 {bounds}";

    public override string LossRatios(IReadOnlyList<(string Arm, string Ratio)> ratios, IReadOnlyList<string> unlearned) =>
        $"损失 ÷ 基线：{string.Join("，", ratios.Select(arm => $"{arm.Arm} {arm.Ratio}"))}。{(unlearned.Count == 0 ? "" : $"{string.Join("、", unlearned)} 没有学到超出基线的东西。")}";

    public override string CountOfArm(string arm, int some, int all) => $"{arm} {all} 个中有 {some} 个";

    public override string FailedSeeds(bool reached, string first, string second, string difference, string value, string interval) =>
        $"{(reached ? "未达到目标的种子" : "发散或什么也没有学到的种子")}：{first}，{second}；{difference} {value}（95% 置信区间 {interval}）。";

    public override string FacetNotTested(string reason) => $"未检验：{reason}";
    public override string EqualInNats(string margin) => $"以 nat 计的损失相差不超过 {margin} nat 视为相当；nat 的比值取决于任务。";
    public override string SampledP(string error) => $"p 值由抽样得到，标准误不超过 {error}。";
    public override string CountsFromRatio(string ratio) => $"相差 {ratio} 倍以上才算有差异。";
    public override string CountsFromDifference(string difference) => $"相差 {difference} 以上才算有差异。";
    public override string MethodWithP(string method, string p, int family) => $"{method}；对 {family} 个论断作 Holm 校正后 p {p}。";
    public override string MethodOnly(string method) => $"{method}。";
    public override string Scope(string scope) => $"适用范围：{scope}。";
    public override string ScopeLength(string lengths) => $"序列长度 {lengths}";
    public override string ScopeHidden(string sizes) => $"隐藏层大小 {sizes}";
    public override string ScopeInit(string init, string? forgetBias, string? updateBias) =>
        $"{init} 初始化{(forgetBias is null ? "" : $"，遗忘门偏置 {forgetBias}")}{(updateBias is null ? "" : $"，更新门偏置 {updateBias}")}";
    public override string ScopeWeights(IReadOnlyList<(string? Path, string Hash)> files) =>
        files.Count == 0 ? "" : $"初始权重来自 {string.Join("、", files.Select(file => $"{file.Path}（SHA-256 {file.Hash[..12]}…）"))}";
    public override string ScopeTraining(string steps, string batches) => $"训练 {steps} 步，每步 {batches} 个序列";
    public override string ScopeOptimizer(string optimizers, string rates, string schedules) => $"{optimizers}，学习率 {rates}{(schedules.Length == 0 ? "" : $"，{schedules} 调度")}";
    public override string ScopeClipping(string bounds) => bounds.Length == 0 ? "不裁剪梯度" : $"梯度裁剪至 {bounds}";

    public override string ScopeMatched(string by) => by switch
    {
        "hidden" => "各单元隐藏层大小相同",
        "parameters" => "各单元参数量相同",
        "flops" => "各单元每步运算量相同",
        _ => "各单元规模不同",
    };

    public override string HalfLives(string place, IReadOnlyList<string> arms) => $"梯度半衰期{(place.Length == 0 ? "" : $"（{place}）")}：{string.Join("，", arms)}。";
    public override string HalfLifeOf(string arm, string? steps) => steps is null ? $"{arm} 不衰减" : $"{arm} {steps} 个时间步";
    public override string ArmsAlsoDiffer(string differences) => $"两者还有其他不同：{differences}。";
    public override string ScopeKernel(string taken, bool auto) => auto ? $"{taken}（auto）" : taken;
    public override string ScopeMachine(string dtype, string device, string kernel) => $"{device} 上的 {dtype}，{kernel} 内核";

    internal override string Method(VerdictMethod method, bool timed) => method switch
    {
        VerdictMethod.SignedRank => $"典型的{(timed ? "一轮" : "种子")}：配对差值的 Hodges–Lehmann 位置估计；区间和 p 值来自 Wilcoxon 符号秩检验",
        VerdictMethod.ShareDifference => "比例之差；区间和 p 值来自精确的无条件得分检验（Miettinen–Nurminen）",
        VerdictMethod.LogRank => "训练步数上限之内的用时之比；区间和 p 值来自对数秩检验（未达到目标者按删失处理）",
        VerdictMethod.Median => $"{(timed ? "各轮" : "各种子")}的中位数；区间和 p 值来自符号检验",
        VerdictMethod.Binomial => "种子的比例；区间和 p 值来自二项检验",
        _ => "精确计数，不涉及随机性",
    };

    public override string WouldChangeHeading => "什么会改变结论";
    public override string WouldChange(int decided, int open, string p, string level) =>
        $"有 {decided} 个论断由检验作出判定{(open == 0 ? "" : $"，另有 {open} 个尚无定论，两种结果都有可能")}。如果有几个种子的结果不同，最先动摇的将是下面这个结论（校正后 p {p}，界限为 {level}）：";
    public override string ChanceRemains(int family, string p, string level) => $"每一行单独来看都是如此。{(family == 1 ? "按设置个数" : $"按 {family} 个论断")}校正后 p {p}，不低于 {level}：不能排除偶然。";
    public override string FurtherSeeds(int seeds) => $"大约再加 {seeds} 个种子可能就有定论。对同一计划再次查看结果会使误判率超过 5 %；用新的种子并写 seeds: {{ until: decided }}，每次查看都计入显著性水平。";
    public override string LookedAt(int number, int of, int seeds, string level) => $"第 {number} 次查看（共 {of} 次），{seeds} 个种子；此时单个论断的检验水平为 {level}，所有查看合计保持在 0.05。";
    public override string LookedBefore(IReadOnlyList<int> seeds) => $"这些论断此前已用 {string.Join("、", seeds)} 个种子查看过。所有查看共用 0.05 的显著性水平，因此判定需要比首次查看更强的证据。seeds: {{ until: decided }} 可从一开始就计划好各次查看。";
    public override string NextLook(int seeds) => $"下一次查看在 {seeds} 个种子时。";
    public override string LooksOver => "这是计划中的最后一次查看。";
    public override string LookFutile => "未作判定即关闭：余下的种子几乎不可能得出定论。";
    public override string BeforeFirstLook(int seeds) => $"在 {seeds} 个种子的第一次查看之前保持未定。";
    public override string FurtherSeedsMany(int most) => $"可能还需要 {most} 个以上的种子。";
    public override string FurtherSeedsUnknown => "根据现有的种子，无法估计还需要多少个。";
    public override string FurtherRounds => "增加测量轮数（speed.rounds）或换一台更安静的机器会使区间变窄；增加种子没有作用。";
    public override string DependsOnSettings(IReadOnlyList<(string Verdict, string Settings)> answers) => string.Concat(answers.Select(answer => $"{answer.Verdict}：{answer.Settings}。"));

    public override string NotTestedBecause(NotTestedReason reason, string detail) => reason switch
    {
        NotTestedReason.MissingCondition => $"实验中没有能够回答它的条件（{detail}）。",
        NotTestedReason.StillRunning => $"还有试验没有完成（{detail}）；现在下的结论可能会被推翻。",
        NotTestedReason.TooFewSeeds => $"种子少于三个（{detail}）。",
        NotTestedReason.TooManyFailures => $"超过五分之一的试验失败或被取消（{detail}），剩下的可能是有偏的选择。",
        NotTestedReason.CoverageDiffers => $"并非每个完成的种子都有数值（{detail}）；只比较有数值的会造成偏袒。",
        NotTestedReason.DifferentMachines => $"两者在同一台机器上计时的种子太少（{detail}），而不同机器上的用时无法比较。",
        NotTestedReason.DifferentDevices => $"试验在不同的设备上运行（{detail}），用时无法比较。",
        NotTestedReason.NothingLearned => "没有一方学到明显超出基线的东西。",
        NotTestedReason.EveryDiverged => "所有种子都发散了。",
        NotTestedReason.NeverReached => "达到目标的种子太少，无法作出判断。",
        NotTestedReason.NoInformation => "没有一对种子有差值：两个值都是零或都是无穷大。",
        NotTestedReason.SearchTooNarrow => $"搜索范围太窄（{detail}）；范围之外可能有更好的取值。",
        NotTestedReason.NotTimed => "这些用时来自训练过程，与其他任务共用机器，不作为判定依据。在文件中加入 `speed: { measure: … }` 即可单独计时。",
        _ => $"{detail} 不能判定这样的论断：它没有好坏方向，或者没有比值可言。",
    };
}
