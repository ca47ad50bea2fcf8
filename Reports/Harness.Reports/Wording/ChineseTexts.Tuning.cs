namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    public override string TuningSection => "调参";
    public override string TuningSearchSection => "搜索结果";
    public override string ChosenColumn => "选定的取值";
    public override string StudiesColumn => "每次独立搜索的最佳点";
    public override string DivergedColumn => "发散的试验";
    public override string CostColumn => "代价";
    public override string TuningNote => "调参试验不计入任何判定：每一方都在选定的取值下、用调参从未见过的种子重新训练。用时来自训练过程，可能与其他任务共用机器。";

    protected override string SearchedPoints(int points) => $" {points} 个点";
    protected override string SearchedFor(string seconds, int least, int most) => $" {seconds} 秒内的 {(least == most ? $"{most}" : $"{least} 到 {most}")} 个点";
    public override string TimedSearchNote(int least, int most) => $"各方在相同时间内尝试了 {least} 到 {most} 个点。曲线止于每一方都达到的 {least} 个点。";

    public override string TuningCaption(string budget, int studies, int seeds, string metric, string searched) =>
        $"每一方都尝试了{budget}{(studies == 1 ? "" : $"（共 {studies} 次独立搜索）")}，每个点用 {seeds} 个种子（{searched}）。按 {metric} 的中位数选择{(studies == 1 ? "" : "；在各次搜索的最佳点中取居中的一个")}。";

    public override string TrialsAndTime(int trials, string time) => $"{trials} 次试验，{time}";
    public override string SearchTooNarrow(string setting, string value, bool isLow, string wider) => $"{setting} {value} 是尝试过的{(isLow ? "最小" : "最大")}值：请尝试 {wider}";
    public override string TuningRuns(int finished, int planned) => $"调参：{planned} 次试验已完成 {finished} 次";
    public override string ScopeTuned(string budget, string searched) => $"每一方都经过调参，取{budget}中的最佳（{searched}）";
    public override string Untuned(string rates) => $"学习率为 {rates}，未经调参。";
    public override string TunedAt(string budget, string searched, string chosen) => $"每一方都取{budget}中的最佳（{searched}）：{chosen}。";
    public override string PrunedNote(IReadOnlyList<(int Points, int Part)> rungs, string spent, string inFull) =>
        $"逐级淘汰依次训练了{string.Join("、", rungs.Select(rung => $" {rung.Points} 个点{(rung.Part == 1 ? "（全部步数）" : $"（步数的 1/{rung.Part}）")}"))}。总共用时 {spent}；若不淘汰，约需 {inFull}。";

    public override string BestOfFirstRung(int part) => $"所有点都在第一级、训练到步数的 1/{part} 时比较：只有最好的点训练得更久。";
    public override string NextWiden => "扩大搜索范围：有选定的取值位于范围边缘。调参表给出了建议。";

    public override string RateTitle => "各方能够训练的学习率";
    public override string RateBaseline => "基线";
    public override string RateNever => "在尝试过的学习率下都不能训练";
    public override string RateInWindow => "在窗口内";
    public override string RateTableCaption => "每个尝试过的学习率下，各种子的中位数。";
    public override string RateOthersNote => "除学习率外还搜索了其他设置，因此学习率相近的点可能在其他设置上不同。";
    public override string RatePanelsLeft(int panels) => $"另有 {panels} 种设置只列在表中。";
    public override string RateClause(string arm, string window) => $"{arm} {window}";
    public override string RateWindow(string low, string high, string least, string? most) =>
        low == high ? $"只在 {low} 能训练（{(most is null ? "位于搜索范围的边缘" : $"窗口最多 {most} 个数量级")}）"
        : $"从 {low} 到 {high} 能训练（{(most is null ? $"至少 {least} 个数量级，直到搜索范围的边缘" : $"{least} 到 {most} 个数量级")}）";

    public override string RateSentence(string setting, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "" : $"{setting}：")}{string.Join("；", clauses)}。";
    public override IReadOnlyList<string> RateHowToRead { get; } =
    [
        "每个标记是一个学习率下各种子的中位数；顶部的叉表示发散。损失与最佳损失之差不超过最佳损失到基线距离的十分之一，就算能够训练。",
        "窗口宽度以数量级计（1 个数量级即 10 倍）。第一个数由窗口内尝试过的学习率得出，第二个数由紧邻窗口外的学习率得出：真实宽度在两者之间。",
        "如果窗口几乎不重叠，给所有方同一个学习率就决定了胜负。应当在各自的最佳取值下比较。",
    ];

    public override string BestOfTitle => "尝试 k 个点能找到什么";
    public override string BestOfAxis => "尝试的点数 k";
    public override string BestOfBetter => "区间较好的一端";
    public override string BestOfWorse => "区间较差的一端";
    public override string BestOfTableCaption => "k 个点中最佳结果的中位数，以及对所有 k 同时成立的 95 % 区间。";
    public override string BestOfClause(string arm, string range) => $"{arm} {range}";
    public override string BestOfRange(string median, string? low, string? high) => $"{median}（{low ?? "无界"} 到 {high ?? "无界"}）";
    public override string BestOfSentence(string setting, int budget, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "" : $"{setting}：")}{budget} 个点中的最佳：{string.Join("；", clauses)}。";
    public override string BestOfBandNote => "区间由精确的柯尔莫哥洛夫分布得出（Lourie 等 2023），不假设得分的分布。它假设各点相互独立；Sobol 点分布得更均匀，因此区间只会偏宽。";
    public override IReadOnlyList<string> BestOfHowToRead { get; } =
    [
        "曲线是随机尝试 k 个点时最佳结果的中位数：尝试 k 组设置的人可以期望得到的结果。它止于本实验的预算。",
        "如果曲线在右端仍在下降，更多的搜索还会带来改进。如果两个区间在预算处重叠，仅凭搜索分不出高下；判定以确认试验为准。",
    ];

    public override string LeadTitle => "不同预算下谁领先";
    public override string LeadEven => "持平";
    public override string LeadPair => "对比";
    public override string LeadShare => "概率";
    public override string LeadLow => "区间下端";
    public override string LeadHigh => "区间上端";
    public override string LeadAxis(string leader) => $"{leader} 的 k 点最佳更好的概率";
    public override string LeadAgainst(string rival) => $"对 {rival}";
    public override string LeadRange(string share, string low, string high) => $"{share}（{low} – {high}）";
    public override string LeadTableCaption => "前一方的 k 点最佳优于后一方的 k 点最佳的概率，以及对所有 k 同时成立的 95 % 区间。";
    public override string LeadClause(string rival, string range, int? from) => from is { } k ? $"优于 {rival} 的概率为 {range}，从 k = {k} 起领先" : $"优于 {rival} 的概率为 {range}，不足以分出高下";
    public override string LeadSentence(string setting, string leader, int budget, IReadOnlyList<string> clauses) => $"{(setting.Length == 0 ? "" : $"{setting}：")}{budget} 个点时 {leader} 领先：{string.Join("；", clauses)}。";
    public override string LeadNote => "这里按选择所用的指标、在调参的种子上比较搜索结果。判定则在新的种子上比较选定的点。";
    public override IReadOnlyList<string> LeadHowToRead { get; } =
    [
        "曲线是双方各随机尝试 k 个点时，领先的一方结果更好的概率。结果相等时各算一半。",
        "如果对直到预算的每个 k 区间都在一半以上，搜索得多一些或少一些都不会改变谁领先。如果曲线穿过一半，胜负取决于预算。",
    ];
}
