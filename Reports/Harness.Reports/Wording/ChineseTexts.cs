using Harness.Abstractions.Catalog;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Reports.Formatting;
using Harness.Reports.Outcomes;

namespace Harness.Reports.Wording;

/// <summary>
/// Every word of a report in simplified Chinese, in the terms that Chinese textbooks of the field use. What is a name stays as it is:
/// cells, metrics, settings of the file, statisticians.
/// </summary>
internal sealed partial class ChineseTexts : Texts
{
    public override string Language => "zh-Hans";
    public override string LanguageName => "中文";
    public override string LanguageWord => "语言";

    // The page.
    public override string SkipToContent => "跳到正文";
    public override string Contents => "目录";
    public override string Theme => "浅色 / 深色";
    public override string PrintWord => "打印";
    public override string AxisOfFigure(string figure) => $"{figure} 的坐标轴";
    public override string LogAxis => "对数";
    public override string SingleSeeds => "单个种子";
    public override string LinearAxis => "线性";
    public override string PresentWord => "演示";
    public override string PreviousWord => "上一张";
    public override string FollowingWord => "下一张";
    public override string EndWord => "结束";
    public override string Chart => "图";
    public override string TableWord => "表";
    public override string HowToRead => "如何阅读";
    public override string FigureWord(string number) => $"图 {number}";
    public override string ViewOf(string figure) => $"{figure} 的显示方式";
    public override string Permalink(string title) => $"{title} 的链接";
    public override string Labelled(string label, string text) => $"{label}：{text}";
    public override string Notices => "阅读之前";

    // Sections.
    public override string OverviewSection => "各条件一览";
    public override string ComparedSection => "比较了什么";
    public override string GradientSection => "梯度消失";
    public override string TaskSection => "要学习什么";
    public override string GatesSection => "门控内部";
    public override string EfficiencySection => "训练效率";
    public override string GeneralitySection => "性能剖面";
    public override string PairsSection => "两两比较";
    public override string OutcomesSection => "本实验的可靠性";
    public override string TrialsSection => "全部试验";
    public override string ReproductionSection => "数据与复现";
    public override string CommandHeading => "重新运行";
    public override string EnvironmentHeading => "运行环境";
    public override string MethodsHeading => "方法";
    public override string SpecHeading => "实验文件";
    public override string DataHeading => "内嵌数据";
    public override string DataText => "本文件末尾 id 为 report-data 的元素以 JSON 保存这些结果：每次试验及其结局、曲线和梯度曲线（较长的曲线分段归并，每段保留最小值、最大值和最后的值）。";
    public override string OverridesText(string overrides) => $"在命令行上改动：{overrides}";

    // Masthead.
    public override string ExperimentId => "实验";
    public override string SpecDigest => "规格";
    public override string Submitted => "提交时间";
    public override string FinishedTerm => "完成时间";
    public override string HarnessVersion => "Harness";
    public override string Hardware => "硬件";
    public override string HardwareLine(string processor, string cores, string devices, string libtorch, string system) => $"{processor}，{cores} 核；设备：{devices}；libtorch {libtorch}；{system}";

    public override string Status(ReportStatus status, int finished, int planned, int diverged, int failed, int cancelled)
    {
        var word = status switch { ReportStatus.Complete => "已完成", ReportStatus.Incomplete => "不完整", _ => "暂时结果" };
        var stopped = cancelled > 0 ? $" · {cancelled} 次取消" : "";
        return $"{word} {finished}/{planned} · {diverged} 次发散 · {failed} 次失败{stopped}";
    }

    // Notices.
    public override string ComparisonNotice(IReadOnlyList<string> names, int shared) =>
        $"本报告把分别运行的实验放在一起比较：{string.Join("、", names)}。{(shared == 0 ? "" : $"有 {shared} 次试验属于其中不止一个实验，只计一次。")}各实验文件中的论断由各自的报告判定。";
    public override string NothingFinished => "还没有试验完成：本报告显示计划和目前已记录的内容。";
    public override string NoResultNotice(string conditions) => $"{conditions} 中没有完成的试验。";
    public override string FewSeedsNotice(string conditions) => $"{conditions} 中完成的种子少于三个：只给出单个数值而没有置信区间，差异可能出于偶然。";
    public override string FailedNotice(string conditions) => $"{conditions} 中有试验因与网络无关的原因（机器、进程）失败。它们列在表中，但不计入任何估计。";
    public override string StillFallingNotice(string conditions) =>
        $"训练结束时损失仍在下降：{conditions}。最后五分之一的步数里，评估损失下降超过十分之一。增加步数可能改变排序。";

    public override string StoppedBeforeLearningNotice(string conditions) =>
        $"还没有超过基线就被 early_stop.patience 停止：{conditions}。起步慢的条件在这里会显得很差。请加大 patience，或训练全部步数。";

    public override string KeptBestNotice =>
        "保留的是评估最好时的权重（train.keep: best）。最终损失是验证部分上的最小值，略偏乐观；测试部分没有用来挑选。";

    public override string KeptAt(string step) => $"保留第 {step} 步的权重";

    public override string DivergedNotice(string conditions) => $"{conditions} 中有试验发散。这也是一种结果：在中位数和区间中，其损失按比任何其他值都差计。";
    public override string TimingFailedNotice(string? reason) => $"本应在独占的机器上测量每步用时，但有计时试验失败或被取消{(reason is null ? "" : $"：{reason.TrimEnd('.')}")}。缺少测量之处，用时来自训练过程本身。";
    public override string UncheckedNotice(int count, IReadOnlyList<string> machines) => $"有 {count} 个结果来自没有自检试验的工作进程（机器：{string.Join("、", machines)}）。无从得知它的计算是否与其他进程一致。";
    public override string SeveralMachinesNotice(int count) => $"试验在 {count} 个不同的环境中运行：用时只能在同一环境之内比较。";

    public override string DamageNotice(IReadOnlyList<Damage> damage) =>
        $"存储的结果已损坏，本报告可能有误：{string.Join("、", damage.Take(4).Select(Damaged))}{(damage.Count > 4 ? $" 等 {damage.Count} 处" : "")}。“harness verify” 列出每个损坏的部分及应对办法。";

    public override string Damaged(Damage damage) => damage.Part switch
    {
        DamagedPart.Experiment => "实验的文件、设置或条件",
        DamagedPart.Trial => $"试验 {damage.Trial} 的结果",
        DamagedPart.Curve => $"试验 {damage.Trial} 的曲线 {damage.Metric}（自第 {damage.Step} 步起）",
        DamagedPart.Environment => "环境记录",
        _ => "任务的示例序列",
    };

    public override string Some(IReadOnlyList<string> names) =>
        names.Count <= 4 ? string.Join("、", names) : $"{string.Join("、", names.Take(3))} 等 {names.Count} 个条件";

    // Words shared by tables.
    public override string Condition => "条件";
    public override string Parameters => "参数量";
    public override string ParametersTotal => "总参数量";
    public override string RecurrentLayers => "循环层";
    public override string WithReadOut => "含输出层";
    public override string FinalLoss => "最终损失";
    public override string BestLoss => "最佳损失";
    public override string AnySeed => "所有种子中";
    public override string Baseline => "基线";
    public override string LossOverBaseline => "损失 / 基线";
    public override string Solved => "解决";
    public override string SeedsOfFinished => "占完成的种子";
    public override string StepsToTarget => "达到目标的步数";
    public override string StepTime => "每步毫秒数";
    public override string SequencesPerSecond => "序列/秒";
    public override string Outcomes => "试验";
    public override string Seeds => "种子数";
    public override string Seed => "种子";
    public override string State => "状态";
    public override string Steps => "步数";
    public override string Device => "设备";
    public override string Worker => "工作进程";
    public override string Attempts => "尝试次数";
    public override string Trial => "试验";
    public override string Remark => "备注";
    public override string Finished => "完成";
    public override string Diverged => "发散";
    public override string MedianWord => "中位数";
    public override string MedianAndInterval => "中位数，95% 置信区间";
    public override string DivergedWord => "发散";
    public override string NotReached => "未达到";
    public override string StepsUnit => "步";
    public override string WithBounds(string value, string bounds) => $"{value}（{bounds}）";
    public override string NoInterval(int seeds) => $"{seeds} 个种子，无区间";
    public override string CountOf(int part, int whole) => $"{part}/{whole}";
    public override string FinishedOfPlanned => "完成/计划";
    public override string DivergedCount(int count) => $"{count} 次发散";
    public override string FailedCount(int count) => $"{count} 次失败";
    public override string CancelledCount(int count) => $"{count} 次取消";
    public override string PendingCount(int count) => $"{count} 次未完";

    // Tables.
    public override string BestMark => "★";
    public override string BestNote => "★ 标出互相比较的条件中最好的，以及区间与之无法区分的；如果全部如此，或者只有一个条件，则不标。";
    public override string ConditionsCaption => "每个条件一行。发散的种子按最大的损失计；失败和取消的试验列在最后一列，不计入估计。";
    public override string OwnCriterion => "解决：连续两次评估都满足任务自身的成功标准。达到目标的步数：其中第一次评估所在的步；从未达到的种子按晚于所有其他种子计，所以中位数可能是“未达到”。";
    public override string Threshold(string metric, double threshold, bool below) => $"{metric} {(below ? "低于" : "高于")} {Numbers.Plain(threshold)}";
    public override string Target(IReadOnlyList<string> thresholds) => $"解决：连续两次评估都满足{(thresholds.Count == 1 ? $" {thresholds[0]}" : $"该条件自身的目标（{string.Join("、", thresholds)}）")}。达到目标的步数：其中第一次评估所在的步；从未达到的种子按晚于所有其他种子计，所以中位数可能是“未达到”。";
    public override string TrialsCaption => "所有计划的试验及其状态。";
    public override string TrialsLeftOut(int shown, int all) => $"共 {all} 次试验，列出 {shown} 次，没有正常完成的优先列出；内嵌数据中有全部试验。";
    public override string DivergedAt(string step) => $"在第 {step} 步发散";

    public override string StateMark(TrialState state) => state switch
    {
        TrialState.Completed => "✔ 完成",
        TrialState.Diverged => "◆ 发散",
        TrialState.Failed => "✘ 失败",
        TrialState.Cancelled => "■ 取消",
        TrialState.Running => "▶ 运行中",
        TrialState.BackingOff => "↻ 等待重试",
        _ => "· 等待中",
    };

    // What was compared.
    public override string ComparedCaption => "所有变化了的、可能影响结果的设置。";
    public override string UnvariedCaption => "可能影响结果、但所有条件都相同的设置。";
    public override string Setting => "设置";
    public override string Level => "取值";
    public override string Cell(string cell) => base.Cell(cell);
    public override string ParameterFormula => "每层每个方向的循环参数量：g·(I·H + H² + 2H)，其中 I 为输入维数，H 为隐藏层大小，RNN 的 g = 1，GRU 为 3，LSTM 为 4。隐藏层大小相同，问的是一种单元用同样大小的状态能做什么；参数量相同，问的是它用同样多的权重能做什么。两个问题的答案可能不同。";

    public override string FactorName(string factor) => factor switch
    {
        "activation" => "激活函数",
        "arm" => "方案",
        "batch" => "批大小",
        "bidirectional" => "双向",
        "cell" => "单元",
        "classes" => "类别数",
        "clip_norm" => "裁剪范数",
        "clip_value" => "裁剪值",
        "device" => "设备",
        "dropout" => "随机失活率",
        "dtype" => "数值精度",
        "evaluation_length" => "评估长度",
        "fold" => "折",
        "forget_bias" => "遗忘门偏置",
        "hidden" => "隐藏层大小",
        "init" => "初始化",
        "kernel" => "内核",
        "label_noise" => "标签噪声",
        "layers" => "层数",
        "length" => "长度",
        "lr" => "学习率",
        "momentum" => "动量",
        "optimizer" => "优化器",
        "patience" => "早停耐心",
        "schedule" => "学习率调度",
        "sequences" => "训练序列数",
        "shortest" => "最短长度",
        "spectral_radius" => "谱半径",
        "steps" => "步数",
        "task" => "任务",
        "update_bias" => "更新门偏置",
        "warm_up" => "预热步数",
        "weight_decay" => "权重衰减",
        _ => base.FactorName(factor),
    };

    public override string TaskName(string kind) => TaskCatalog.Find(kind)?.Name.Chinese ?? kind;

    // Pairs.
    public override string PairsCaption => "按种子配对比较每两个方案的最终损失，发散的种子比其他任何种子都差。只是描述：这里不判定任何论断。";
    public override string Pair => "比较对象";
    public override string PairOf(string a, string b) => $"{a} 对 {b}";
    public override string AllConditions => "全部";
    public override string BetterShare => "前者更好";
    public override string BetterShareHint => "改进概率";
    public override string LossEffect => "前者与后者的损失";
    public override string LossEffectHint => "典型的种子：比值，或以 nat 计的差值";
    public override string SignedRankP => "符号秩检验 p";
    public override string Uncorrected => "精确检验，未校正";
    public override string PairsLeftOut(int shown, int all) => $"共 {all} 对，列出前 {shown} 对。";

    // Reliability.
    public override string OutcomesCaption => "试验如何结束。发散是一种结果；失败是机器的问题，与单元无关。";
    public override string Planned => "计划";
    public override string CompletedWord => "完成";
    public override string FailedWord => "失败";
    public override string CancelledWord => "取消";
    public override string ToCome => "未完";
    public override string AllTrials => "全部试验合计";
    public override string Restarted => "重新启动";
    public override string MoreThanOneAttempt => "尝试不止一次的试验";
    public override string SmoothConditions(int smooth, int all) => smooth == all
        ? "所有条件的每次试验都在第一次尝试时完成。" : $"{all} 个条件中有 {smooth} 个没有列出：它们的每次试验都在第一次尝试时完成。";

    // Environment.
    public override string EnvironmentCaption => "这些数字从何而来。";
    public override string Property => "属性";
    public override string Machine(string number, int of) => of == 1 ? "取值" : $"环境 {number}";
    public override string OperatingSystem => "操作系统";
    public override string Runtime => "运行时";
    public override string Processor => "处理器";
    public override string Cores => "核数";
    public override string Subnormals => "次正规数";
    public override string SubnormalsFlushed(bool flushed) => flushed ? "当作 0" : "保留";
    public override string Devices => "设备";
    public override string Threads => "每次试验的 Torch 线程数";

    public override IReadOnlyList<string> Methods =>
    [
        "种子是重复的单位：每个数值先按种子计算，再用中位数对种子汇总。",
        "中位数的区间是符号检验的区间，与分布无关，对任何分布都以至少 95% 的概率覆盖中位数。种子少于六个时给出范围，少于三个时不给区间。",
        "判定论断时按种子逐一比较：跨越多个数量级的量用对数比值，比例和以 nat 计的损失用差值。判定的是典型的种子（配对差值的 Hodges–Lehmann 位置估计），少数失败的种子不会改变它；失败的种子另起一行说明。卡片上的区间和 p 值来自同一个检验，因此互相一致。Holm 方法把出现任何错误结论的概率控制在 5%；涉及多种设置的论断，须在每一种设置下成立。相等须在两侧都得到证明，从不因为没有差异就认定。两次都发散或都没有达到目标的配对，不作为相等的依据。只有部分种子能参加的比较会被拒绝。",
        "只有在至少一方学到东西时才比较损失或准确率：损失的中位数低于基线的 0.95，并且比基线低出其在评估集上两个标准误以上。",
        "种子是配对的：同一个种子给每种单元相同的批次和相同的评估集。",
        "损失是在固定的、从不用于训练的评估集上的损失。基线是朴素预测器在同一评估集上的损失。",
        "梯度曲线以双精度计算，在裁剪之前，只取最后一步的损失：先求每个样本的范数，再对探测用的序列求平均。斜率是在中间 80% 的滞后范围内，以 log10 范数对滞后作最小二乘拟合；半衰期 = log10 2 / −斜率。",
        "每步毫秒数是一次试验预热之后各步用时的中位数（取数据、前向、反向、裁剪、优化）。",
        "测量了速度时，用时改取自计时试验：独占一台机器，每一轮中每种训练步依次（往返）执行，因此以轮配对；比值只在同一轮内计算，从不跨机器。相邻的轮次共有机器当时的状态，所以这样的区间只说明这台机器当时的情况。",
    ];

    // Figures in general.
    public override string PanelTitle(string figure, string panel) => panel.Length == 0 ? figure : $"{figure}：{panel}";
    public override string PanelsLeftOut(int shown, int all, bool asked) =>
        $"{all} 种因素组合中{(asked ? "优先画出论断所涉及的和达到目标的运行最多的" : "均匀地画出")} {shown} 种；表格列出全部。";
    public override string RowsLeftOut(string panel, int shown, int all) => $"{panel}：{all} 行中均匀地画出 {shown} 行；表格列出全部。";
    public override string SeedCurvesLeftOut => "条件太多，不画单个种子的曲线。";
    public override string OneOf(int all) => $"{all} 种因素组合之一：";
    public override string FirstAndLast => "第一种和最后一种因素组合：";
    public override string FacetAndMoment(string facet, string moment) => $"{facet} · {moment}";

    public override string Moment(ProbeMoment moment) => moment switch
    {
        ProbeMoment.Init => "初始化时",
        ProbeMoment.Middle => "训练中期",
        _ => "训练后",
    };
}
