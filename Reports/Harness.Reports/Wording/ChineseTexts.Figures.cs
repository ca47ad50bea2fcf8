using Harness.Abstractions.Catalog;

namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    // One sequence of each task.
    public override string TaskTitle => "每个任务的一条序列";
    public override string TaskCaption(int tasks) => tasks == 1 ? "网络在一条序列中看到什么，要回答什么。" : "在每个任务的一条序列中，网络看到什么，要回答什么。";
    public override string TaskName(TaskDefinition task) => task.Name.Chinese;
    public override string TaskSummary(TaskDefinition task) => task.Summary.Chinese;
    public override string InputAxis => "输入";
    public override string AnswerLabel => "要回答的";
    public override string OneAnswer(string answer, string step, bool isClass) => isClass ? $"类别 {answer}，在第 {step} 步之后" : $"{answer}，在第 {step} 步之后";
    public override string ManyAnswers(string answers, string from, string to, bool areClasses) => $"{(areClasses ? "类别 " : "")}{answers}，从第 {from} 步到第 {to} 步";
    public override string TaskSentence(string steps, string features, string relevant, string answer) =>
        $"一条 {steps} 步的序列，每步 {features} 个特征。{(relevant.Length == 0 ? "" : $"答案取决于第 {relevant} 步。")}要回答的：{answer}。";
    public override string TaskExampleNote => "最先开始的种子的评估集的第一条序列：这是一个例子。▽ 标出决定答案的时间步（如果任务有这样的时间步）；时间步从 0 数起。";
    public override string TaskTableCaption => "每个任务的一条序列，以及要回答的内容。";
    public override string TaskColumn => "任务";
    public override string StepsColumn => "步数";
    public override string FeaturesColumn => "每步特征数";
    public override string RelevantColumn => "决定答案的步";
    public override string AnswerColumn => "要回答的";
    public override IReadOnlyList<string> TaskHowToRead =>
    [
        "时间从左到右。特征不超过三个时画成曲线；更多时（例如每个符号一个）画成行，第一个特征在最上面，数值越大越亮。",
        "▽ 与回答之间的距离就是要跨越的距离：网络要把看到的内容保留这么多步，梯度也要往回传这么多步。",
    ];

    // Gates over a sequence.
    public override string GatesTitle => "门在一条序列上做了什么";
    public override string InputsTitle => "输入";
    public override string Gate(string gate) => GateNames.Of(gate).Chinese;
    public override string UnitsAxis => "单元（保持最久的在最上面）";
    public override string FeaturesAxis => "输入特征";
    public override string TimeAxis => "序列的时间步";
    public override string GateScaleAxis => "0 关闭，1 打开";
    public override string GateScaleSentence => "由暗到亮：从关闭到打开。";
    public override string GatesExampleNote(string seed) => $"取自种子 {seed} 的一条评估序列，训练之后，所有单元用同一条：这是一个例子，不是统计结果。竖线标出决定答案的时间步（如果任务有这样的时间步）。";
    public override string GatesCaption(string facet) => $"在这条序列上{(facet.Length == 0 ? "" : $"（{facet}）")}：";
    public override string GatesFinding(string most, string mostMean, string least, string leastMean) => $"各门之中，{most}打开得最多，平均 {mostMean}；{least}最少，平均 {leastMean}。";
    public override string GateOf(string arm, string gate) => $"{arm} 的{gate}";
    public override string GateSentence(string arm, string gate, string mean, string open, string closed) => $"{arm} 的{gate}：平均 {mean}，{open} 的值高于 0.9，{closed} 低于 0.1。";
    public override string InputsSentence(string features) => $"输入序列，每步 {features} 个特征，各自由最小值（暗）到最大值（亮）。";
    public override string GatesTableCaption => "全部评估序列上的门，取最后一次探测的时刻；为各种子的中位数。时间常数：经过这么多步，单元还保留其状态的 37%。";
    public override string GateColumn => "门";
    public override string ClosedColumn => "低于 0.1";
    public override string OpenColumn => "高于 0.9";
    public override string TimeConstant(string share) => $"时间常数，{share} 的单元";
    public override IReadOnlyList<string> GatesHowToRead =>
    [
        "时间从左到右，每一行是一个单元，亮表示打开。每种单元占一列：最上面是输入，下面是对它作出反应的各个门。贯穿一列的竖线标出决定答案的时间步。",
        "LSTM：遗忘门是旧的细胞状态保留下来的比例，输入门是新的候选值写入的比例，输出门是细胞状态向外展示的比例。GRU：更新门是旧状态保留的比例（一减去它就是候选状态写入的比例），重置门是计算候选状态时能看到的过去的比例。",
        "学会记忆的网络看得出来：负责保持的门在关键的时间步之间一直是亮的，负责写入的门在这些时间步打开，在别处是暗的。从不变化的行，是无论输入什么都不改变做法的单元。",
    ];

    // Gradient norm versus lag.
    public override string GradientTitle => "梯度能传回多远";
    public override string LagAxis => "滞后 k：距损失的步数";
    public override string GradientAxis => "滞后 k 处的梯度范数（相对于 k = 0）";
    public override string FloorLabel => "float32 下限";
    public override string FloorNote(string floor) => $"float32 下限：用 float32 训练时，小于 {floor} 的元素被当作 0；这里的范数用 float64 计算。这条线落在坐标范围之内时才画出；▽ 标出曲线从下方离开坐标范围的位置。";
    public override string NoProfile => "没有记录梯度曲线。";
    public override string NoSlope => "大于零的范数太少，无法拟合斜率";
    public override string NoSlopeAtAll => "没有一条梯度曲线有足够多大于零的范数可供拟合斜率。";
    public override string NoDecayWord => "不衰减";
    public override string Decays(string factor, string halfLife, bool beyondSequence) => $"每步 ×{factor} → 半衰期 {halfLife} 步{(beyondSequence ? "，比序列还长" : "")}";
    public override string DoesNotDecay(string factor) => $"每步 ×{factor} → 不衰减";
    public override string DecaySentence(string label, string decay) => $"{label}：{decay}。";
    public override string ReachOf(string arm, string? halfLife) => halfLife is null ? $"{arm}（不衰减）" : $"{arm}（经过 {halfLife} 个时间步剩一半）";
    public override string ReachSentence(string moment, string facet, string only, int seeds) => $"{moment}{(facet.Length == 0 ? "" : $"，{facet}")}，梯度能传回多远：{only}，n = {seeds}。";
    public override string ReachSentence(string moment, string facet, string furthest, string nearest, int seeds) => $"{moment}{(facet.Length == 0 ? "" : $"，{facet}")}，梯度传回最远的是 {furthest}，最近的是 {nearest}，n = {seeds}。";
    public override string GradientTableCaption => "梯度范数每滞后一步的衰减，按条件、时刻和状态列出。比值是该滞后处的范数与滞后 0 处之比，为各种子的中位数。";
    public override string WhenColumn => "时刻";
    public override string StateColumn => "状态";
    public override string LayerColumn => "层";
    public override string DirectionColumn => "方向";
    public override string Forward => "正向";
    public override string Backward => "反向";
    public override string FactorPerStep => "每步的倍数";
    public override string HalfLifeColumn => "半衰期";
    public override string RatioAtLag(int lag) => $"滞后 {lag} 处的比值";
    public override IReadOnlyList<string> GradientHowToRead =>
    [
        "损失取自最后一步之后。每条曲线沿序列向回追踪它的梯度：在滞后 k 处，显示损失对 k 步之前的状态还有多大的依赖（相对于最后的状态）。纵轴是对数的：直线下降就是指数衰减，每一条网格线代表一个固定的倍数。",
        "曲线下降了许多个数量级的地方，那么久以前发生的事几乎不会改变权重：网络无法用梯度下降从中学习。请比较各幅小图：训练可以弥补初始化的不足，反过来也有可能。",
        "线是各种子的中位数，色带是其 95% 置信区间，细线是单个种子。LSTM 有两个状态：c 是长期记忆，h 是它向外展示的部分。门作用在 c 上，所以判断其记忆能力要看 c。",
        "梯度没有消失，不等于任务已经学会；初始时梯度小，也不等于学不会。请把本图与损失图放在一起看。",
    ];

    // Loss versus step.
    public override string LossTitle => "训练过程中的损失";
    public override string StepAxis => "优化步数";
    public override string EvaluationLossAxis => "评估损失";
    public override string TrainingLossAxis => "训练损失";
    public override string BaselineLabel(string task, string value) => $"基线 {value}";
    public override string LossAnnotation(string loss, int finished, int diverged, int failed) =>
        $"最终 {loss}，n = {finished}{(diverged > 0 ? $"，{diverged} 个发散" : "")}{(failed > 0 ? $"，{failed} 个失败" : "")}";
    public override string LossOf(string label, string loss, int finished, int diverged) =>
        $"{label} {loss}，n = {finished}{(diverged > 0 ? $"，其中 {diverged} 个发散" : "")}";
    public override string LossSentence(string facet, IReadOnlyList<string> arms, string? baseline) =>
        $"最终损失的中位数{(facet.Length == 0 ? "" : $"，{facet}")}（95% 置信区间）：{string.Join("；", arms)}{(baseline is null ? "" : $"；朴素基线 {baseline}")}。";
    public override string LossFinding(string facet, string best, string loss, string? worst, string? worstLoss, string? baseline) =>
        $"{(facet.Length == 0 ? "" : $"{facet}：")}{best} 的损失中位数最低，为 {loss}{(worst is null ? "" : $"；{worst} 最高，为 {worstLoss}")}{(baseline is null ? "" : $"；基线 {baseline}")}。";
    public override string NoFinalLoss(string facet) => facet.Length == 0 ? "还没有试验完成。" : $"{facet}：还没有试验完成。";
    public override string LossTableCaption => "训练结束时的损失。发散的种子按最大的损失计。";
    public override IReadOnlyList<string> LossHowToRead =>
    [
        "每条线是各种子在固定评估集上损失的中位数；细线是单个种子，色带是中位数的 95% 置信区间。发散的种子从发散的那一步起按最差计入线和色带；✕ 标出那一步。",
        "灰色虚线是没有记忆的预测器在同一评估集上的损失。停留在这条线上的网络，无论曲线多么平滑，都没有学到任何关于过去的东西。",
        "在这类任务上，网络常常长时间停在平台上，然后突然下降；尚未下降的种子以后也可能下降。因此这里给出中位数而不是均值，并在表格中给出解决任务的种子比例。",
    ];

    public override string TrainSecondsAxis => "训练秒数";
    public override string BySteps => "按步数";
    public override string BySeconds => "按秒数";
    public override string ByParameters => "按参数量";

    // Gradient by lag and step.
    public override string HeatmapTitle => "梯度在哪里恢复，在哪里消失";
    public override string ScaleTitle => "色标";
    public override string ScaleSentence(string darkest) => $"由暗到亮：从 {darkest} 及以下到 1。";
    public override string HeatmapCaption => "相对于滞后 0 的梯度范数，按滞后和训练步数，为各种子的中位数。";
    public override string HeatmapSentence(string condition, int lag, string before, string after, int seeds) => $"{condition}：滞后 {lag} 处由 {before} 变为 {after}（n = {seeds}）。";
    public override string HeatmapTableCaption => "相对于滞后 0 的梯度范数，按训练步数，为各种子的中位数。";
    public override string Step => "步";
    public override IReadOnlyList<string> HeatmapHowToRead =>
    [
        "每一列是一条梯度曲线：底部是最后的状态，顶部是最初的状态。亮表示损失对该状态的依赖与对最后状态的一样强；每暗一级，就减小一个固定的倍数，见色标。空白处没有测量。",
        "沿着一行从左到右看：在哪里变亮，训练就在哪里打通了回到该滞后的路。某个高度以上始终是暗的，说明从未学到更早的内容。",
    ];

    // Time to target.
    public override string TargetTitle => "谁达到了目标，何时达到";
    public override string ReachedAxis => "已达到目标的种子比例";
    public override string ReachedOf(int reached, int all) => reached == all ? $"{all} 个全部达到" : $"{all} 个中有 {reached} 个达到";
    public override string TargetClause(string arm, int reached, int all, string? median) =>
        $"{arm} {reached}/{all}{(median is null ? "" : $"，半数在第 {median} 步之前")}";
    public override string TargetSentence(string facet, IReadOnlyList<string> clauses) =>
        $"达到目标的种子{(facet.Length == 0 ? "" : $"，{facet}")}：{string.Join("；", clauses)}。";
    public override string TargetNotReached(IReadOnlyList<string> facets) => $"没有运行达到目标，因此未画出：{string.Join("；", facets)}。";
    public override string TargetTableCaption => "达到目标所用的时间。从未达到的种子按一直等到训练结束计。";
    public override string ShareHint => "95% 精确置信区间";
    public override string SecondsToTarget => "达到目标的秒数";
    public override string MeanWait => "平均等待步数";
    public override string MeanWaitHint => "以训练预算为限";
    public override IReadOnlyList<string> TargetHowToRead =>
    [
        "每条线是到那时为止已达到目标的种子比例，所以升得早、升得高就好。没有升到 100% 的线，表示有些种子始终没有达到：它们都计算在内，只对其余的求均值会造成美化。",
        "按步数和按秒数，先后顺序可能不同：需要步数较少的单元，每一步可能更慢。",
    ];

    // Loss against cost.
    public override string ParetoTitle => "降低损失的代价";
    public override string FinalLossAxis => "最终评估损失";
    public override string TrainSeconds => "训练秒数";
    public override string UnbeatenColumn => "未被超越";
    public override string Unbeaten(bool bySize, bool byTime) => (bySize, byTime) switch { (true, true) => "参数量和时间", (true, false) => "参数量", (false, true) => "时间", _ => "" };
    public override string ParetoSentence(string facet, IReadOnlyList<string> small, IReadOnlyList<string> fast) =>
        $"{(facet.Length == 0 ? "" : $"{facet}：")}没有哪个条件既比 {And(small)} 参数更少又损失更低，也没有哪个既比 {And(fast)} 用时更短又损失更低。";
    public override string ParetoTableCaption => "每个条件的最终损失及其代价。";
    public override IReadOnlyList<string> ParetoHowToRead =>
    [
        "越靠左下越好：用更少的代价得到更小的损失。虚线连接的条件在两方面都没有被其他条件同时超越；在它右上方的，都有更便宜或更好的选择。竖线是损失中位数的 95% 置信区间。",
        "秒数是整个训练的用时，无论目标是否早已达到。",
    ];

    // Performance profile.
    public override string ProfileTitle => "达到给定损失的运行比例";
    public override string ProfileAxis => "最终损失 / 朴素预测器的损失";
    public override string ProfileShareAxis => "最终不高于该值的运行比例";
    public override string ProfileClause(string arm, string share) => $"{arm} {share}";
    public override string ProfileSentence(int facets, IReadOnlyList<string> clauses) =>
        $"最终损失不超过朴素预测器十分之一的运行比例，综合 {facets} 种因素组合，每种组合权重相同：{string.Join("，", clauses)}。";
    public override string ProfileLeftOut(int facets) => $"有 {facets} 种因素组合没有计入：其中任何方案的任何一次运行都没有低于朴素预测器损失的一半。";
    public override string ProfileTableCaption => "最终损失不超过朴素预测器损失的这一比例的运行所占的份额。发散的运行不计入其中。";
    public override string Arm => "方案";
    public override string Runs => "运行次数";
    public override string AtMost(string part) => $"≤ {part}";
    public override IReadOnlyList<string> ProfileHowToRead =>
    [
        "每条线表示：对每一个损失值，有多大比例的运行最终不高于它。如果一条线处处在另一条之上，无论怎样要求，该方案都更好；两线相交，则取决于什么算好。横轴为 1 处，表示学到的不比朴素预测器多。",
        "只画出在每一种因素组合下都试过的方案，并且每种组合权重相同：一个方案不能因为少做了某些任务而占便宜。",
    ];

    // Cost.
    public override string CostTitle => "参数量与每步用时";
    public override string ParametersTitle => "可训练参数量";
    public override string ParametersAxis => "循环层的参数量";
    public override string StepTimeTitle => "每个训练步的用时";
    public override string StepTimeAxis => "每步毫秒数";
    public override string Milliseconds(string value) => $"{value} 毫秒";
    // Timing trials.
    public override string TimedNote => "这些用时由计时试验测得：它独占一台机器，每一轮中各方案轮流执行，并按轮配对。";
    public override string TimingTitle => "独占机器时每步的用时";
    public override string KernelColumn => "内核";
    public override string KernelPath(string kernel, int threads, bool own) => $"{kernel}{(threads > 1 ? $"，{threads} 个线程" : "")}{(own ? "（训练所用）" : "")}";
    public override string MedianAndQuartiles => "中位数，四分位数";
    public override string MillisecondsHint => "毫秒，中位数";
    public override string DataPhase => "数据";
    public override string ForwardPhase => "前向";
    public override string BackwardPhase => "反向传播";
    public override string UpdatePhase => "更新";
    public override string TokensPerSecond => "时间步/秒";
    public override string PeakShare => "占峰值比例";
    public override string PeakShareHint => "相对于核心的乘加峰值";
    public override string ProcessorShare => "CPU 时间 / 用时";
    public override string ProcessorShareHint => "占用的核心数";
    public override string JoulesPerStep => "每步焦耳";
    public override string TimingClause(string arm, IReadOnlyList<(string Kernel, string Time)> times) => $"{arm} {string.Join("，", times.Select(time => $"{time.Time}（{time.Kernel}）"))}";
    public override string TimingSentence(string facet, IReadOnlyList<string> clauses, int rounds) =>
        $"训练步用时的中位数{(facet.Length == 0 ? "" : $"，{facet}")}，共 {rounds} 轮：{string.Join("；", clauses)}。";
    public override string TimingMachine(string host, string? processor, int rounds, string calibration, string multiplyAdd, string matmul, string? others, string? mebibytes) =>
        $"在 {host}{(processor is null ? "" : $"（{processor}）")} 上测量了 {rounds} 轮。固定的校准负载在那里每步用 {calibration} 毫秒；单个核心的乘加达到 {multiplyAdd} GFLOP/s，libtorch 的大矩阵乘法达到 {matmul} GFLOP/s。"
        + (others is null ? "" : $"其他进程平均占用 {others} 个核心。") + (mebibytes is null ? "" : $"进程最多使用 {mebibytes} MiB 主内存，为全部方案合计。");
    public override string TimingTableCaption => "每一种训练步、每一条内核路径一行。更新包括计算梯度范数、裁剪和优化器；engine 在反向传播中就完成了范数和裁剪。占峰值比例只计循环层的矩阵乘法。";
    public override IReadOnlyList<string> TimingHowToRead =>
    [
        "每个点是一个完整训练步用时的中位数，横线是各轮的四分位数范围；横轴是对数的。无论试验用哪条内核路径训练，每个方案都在所有能计算它的路径上测量：library 是 torch 自带的循环，cell 是手写的逐步循环，engine 是本程序自己的内核；用 batched 训练的试验还测量它，即同时训练多个模型的循环（这里只有一个模型）。",
        "要比较单元，请看同一条路径；要比较实现，请看同一个方案的不同路径。在一条路径上更快、在另一条上更慢的单元，并不是本身更快。",
    ];
    public override string ScalingTitle => "每步用时如何增长";
    public override string ScalingSentence(IReadOnlyList<string> clauses) => string.Concat(clauses);
    public override string GrowsClause(string arm, string symbol, string exponent, string interval) => $"{arm}：每步用时随 {symbol}^{exponent} [{interval}] 增长。";
    public override string GrowsAs(string symbol, string exponent, string interval) => base.GrowsAs(symbol, exponent, interval);
    public override string ScalingTableCaption => "幂律的指数：每一轮内取对数用时对对数规模的最小二乘斜率，再取各轮的中位数及其 95% 置信区间。";
    public override string GrowsWith => "随之增长";
    public override string Sizes => "规模";
    public override string Exponent => "指数";
    public override string StepTimes => "每步毫秒数";
    public override IReadOnlyList<string> ScalingHowToRead =>
    [
        "两条轴都是对数的，幂律在图中是直线，指数就是斜率：1 表示规模加倍用时也加倍，2 表示用时变为四倍，0 表示不增加用时。",
        "指数只在测量过的规模范围内成立。规模小时增长往往较慢，因为每次调用的固定开销超过了计算本身；如果线是弯的，无论拟合结果如何，都没有单一的指数。",
    ];

    public override string SharedMachineNote => "这些用时来自训练过程本身，各次训练可能共用了机器：它们只说明数量级。公平的速度比较需要独占一台机器。";
    public override string ParametersSentence(string most, string mostCount, string factor, string fewest, string fewestCount) =>
        $"{most} 的循环层有 {mostCount} 个参数，是 {fewest}（{fewestCount} 个）的 {factor} 倍。";
    public override string EqualParameters(string count) => $"所有条件的循环层都有 {count} 个参数。";
    public override string StepTimeClause(string label, string time, int seeds) => $"{label} {time}（n = {seeds}）";
    public override string StepTimeSentence(string facet, IReadOnlyList<string> clauses) =>
        $"训练步用时的中位数{(facet.Length == 0 ? "" : $"，{facet}")}：{string.Join("，", clauses)}。";
    public override string CostTableCaption => "每个条件的规模与速度。";
    public override IReadOnlyList<string> CostHowToRead =>
    [
        "参数量：设门控权重块数为 g、输入维数为 I、隐藏层大小为 H，则一层有 g·(I·H + H² + 2H) 个参数；RNN 的 g 为 1，GRU 为 3，LSTM 为 4。隐藏层大小相同时，参数量就相差这些倍数。",
        "用时：每个点是各次试验每步用时中位数的中位数（对种子而言），竖线是其 95% 置信区间。每步用时少，不等于得到结果用时少：还要乘以达到目标的步数。",
    ];
}
