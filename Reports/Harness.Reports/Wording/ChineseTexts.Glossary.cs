namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    public override string GlossarySection => "术语";
    public override string GlossaryList(int terms) => $"显示 {terms} 个术语";

    /// <summary>Chinese puts no blanks between words.</summary>
    internal override string TermPattern(string forms) => $"(?:{forms})";

    public override IReadOnlyList<GlossaryTerm> Glossary =>
    [
        new("condition", "条件", "(?<!初始)条件", "各因素水平的一种组合，例如长度为 50 的 LSTM。"),
        new("factor", "因素", "因素", "实验中变化的一项设置。"),
        new("seed", "种子", "(?<!典型的)种子", "决定初始权重、训练序列和随机失活的数。一项实验的所有条件使用相同的种子。"),
        new("trial", "试验", "(?<!计时)试验", "一个条件配一个种子。它是重复的单位。"),
        new("claim", "论断", "论断", "实验文件中可能为真也可能为假的陈述。"),
        new("arm", "方案", "方案", "比较中的一方：一个条件的试验，或论断选出的几个条件的试验。"),
        new("verdict", "结论", "结论", "对论断的回答：支持、不支持、无实质差异、视情况而定、尚无定论或未检验。"),
        new("interval", "95% 置信区间", "95% 置信区间", "与所运行的种子相符的取值。若把实验重复许多次，100 个这样的区间中有 95 个包含真值。"),
        new("n", "n", @"(?<!\w)n(?= ?= ?\d)", "一个数值所依据的种子个数。"),
        new("p", "p 值", @"(?<!\w)p(?= (?:值|&lt;|≤|=|\d))", "仅凭偶然得到至少这么大差异的可能性。"),
        new("holm", "Holm 校正", "Holm (?:校正|方法)", "把多个论断各自的 p 值调大，使其中出现任何错误结论的可能性与只有一个论断时一样小。"),
        new("typical-seed", "典型的种子", "典型的种子", "配对种子之间差值的中心（Hodges–Lehmann 位置估计）。少数失败不会改变它。"),
        new("confirmation", "确认", "确认(?=试验|运行|训练)", "用调参从未见过的种子，在选定的取值下训练每个方案。判定只计入这些试验。"),
        new("study", "搜索", "搜索", "一次调参搜索，有自己的取值点和种子。"),
        new("optimizer-step", "优化步", "优化步数?", "用一个批次对权重作一次更新。"),
        new("time-step", "时间步", "时间步", "序列中的一个位置。"),
        new("learning-rate", "学习率", "学习率", "一个优化步把权重移动多远。"),
        new("baseline", "基线", "基线", "简单预测器的损失：最好的常数或各类别的频率；对自己的数据则是几种中最好的一种。"),
        new("learning-floor", "学习界限", "学习界限", "低于它才算学到东西的损失：基线的 0.95，或比基线低两个标准误。"),
        new("skill", "技巧分", "技巧分", "1 − 测试损失 ÷ 基线的测试损失。"),
        new("look-back", "回看长度", "回看长度", "训练好的网络要用到窗口中最新的多少行，才能得到过去数据所能提供的至少 95%。"),
        new("target", "目标", "目标", "任务算作学会的界限。"),
        new("solved", "解决", "解决", "连续两次评估都达到目标的试验。"),
        new("diverged", "发散", "发散", "损失或梯度范数不再有限的试验。这是一种结果，不是故障。"),
        new("lag", "滞后", "滞后", "从损失往回数，到某个输入相隔的时间步数。"),
        new("gradient-profile", "梯度曲线", "梯度曲线", "损失的梯度在各个滞后处的范数，对序列求平均。"),
        new("half-life", "半衰期", "半衰期|剩下一半", "梯度缩小到一半所经过的时间步数，由对梯度曲线的直线拟合得出。"),
        new("h-and-c", "h 和 c", @"(?<!\w)[hc](?= 是)", "LSTM 的两个状态：c 是长期记忆，h 是它向网络其余部分展示的内容。"),
        new("probe", "探测", "探测", "在选定的训练阶段对梯度、门或权重的测量。"),
        new("interleaved", "交错测量", "交错|轮流执行|往返", "在同一次运行中交替测量，先正向再反向（ABC、CBA）。"),
        new("timing-trial", "计时试验", "计时试验", "不学习、只在独占的机器上测量训练步用时的试验。"),
    ];
}
