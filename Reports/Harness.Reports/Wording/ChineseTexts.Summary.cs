namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    // A ratio is said of the larger one: Chinese has no "times smaller".
    public override string Compared(string arm, string other, string metric, bool isFactor, string value, bool isSmaller) => isFactor
        ? isSmaller ? $"{other} 的{metric}是 {arm} 的 {value} 倍" : $"{arm} 的{metric}是 {other} 的 {value} 倍"
        : $"{arm} 的{metric}比 {other} {(isSmaller ? "低" : "高")} {value}";

    public override string Equal(string arm, string other, string metric) => $"{arm} 的{metric}与 {other} 相同";

    public override string OnlyOneReaches(string arm, string other) => $"{arm} 的典型种子达到目标，{other} 的没有";
    public override string Joined(IEnumerable<string> parts) => string.Join('；', parts.Where(part => part.Length > 0));

    public override string TrendOf(string arm, string metric, string factor, bool isFactor, string value, bool falls) =>
        $"{factor}每增加一级，{arm} 的{metric}{(isFactor ? falls ? $"缩小到 1/{value}" : $"变为 {value} 倍" : $"{(falls ? "减小" : "增大")} {value}")}";

    public override string MeasuredOf(string arm, string metric, string value) => $"{arm} 的{metric}中位数为 {value}";
    public override string ClaimedBound(string bound, bool isUpper) => $"论断：{(isUpper ? "低于" : "高于")} {bound}";

    public override string WithEvidence(string clause, string bounds, int? seeds, bool rounds)
    {
        var count = seeds is null ? "" : $"{seeds} {(rounds ? "轮" : "个种子")}";
        var evidence = string.Join("；", new[] { bounds, count }.Where(part => part.Length > 0));
        return evidence.Length == 0 ? $"{clause}。" : $"{clause}（{evidence}）。";
    }

    public override string OverSettings(int settings, IReadOnlyList<(string Mark, string Word, int Count)> marks, (string Low, string High)? range, string axis) =>
        $"共 {settings} 种设置：{string.Join("，", marks.Select(mark => $"{mark.Mark} {mark.Word} {mark.Count} 种"))}{(range is not { } ends ? "" : $"；{axis}：从 {ends.Low} 到 {ends.High}")}。";

    public override string EvidenceOver((string Clause, string Bounds, string Setting) least, (string Clause, string Bounds, string Setting) most, bool isOneSided, int settings, int seeds, bool rounds)
    {
        return $"在{Place(least.Setting)}，{least.Clause}{Within(least.Bounds)}；在{Place(most.Setting)}{(isOneSided ? "为 " : "，")}{most.Clause}{Within(most.Bounds)}；{(settings > 2 ? $"共 {settings} 种设置，" : "")}每种设置 {seeds} {(rounds ? "轮" : "个种子")}。";

        static string Place(string setting) => char.IsAsciiLetterOrDigit(setting[^1]) ? $"{setting} 上" : $"{setting}上";

        static string Within(string bounds) => bounds.Length == 0 ? "" : $"（{bounds}）";
    }

    public override string EvidenceAlike(string clause, string bounds, int settings, int seeds, bool rounds) =>
        $"在 {settings} 种设置中，{clause}（{Joined([bounds, $"每种设置 {seeds} {(rounds ? "轮" : "个种子")}"])}）。";

    public override string InUnit(string value, string unit) => unit switch
    {
        "" => value,
        "steps" => $"{value} 步",
        "ms" => $"{value} 毫秒",
        "log10 per step" => $"{value} log10/步",
        _ => $"{value} {unit}",
    };

    public override string TimesWord(string value) => $"{value} 倍";
    public override string AxisOf(string metric, string effect) => $"{metric}，{effect}";
    public override string Times(string value) => $"{value} 倍";

    public override string NothingPlannedHeadline => "没有可以回答的：实验没有试验。";
    public override string NoResultHeadline(int planned) => $"尚无答案：{planned} 个试验都还没有结果。";
    public override string RunningHeadline(int finished, int planned) => $"尚无答案：{planned} 个试验中有 {finished} 个有结果，其余的可能改变结论。";
    public override string AllDivergedHeadline(int runs) => $"没有答案：{runs} 次运行全部发散。";
    public override string NothingLearnedHeadline(int settings) => settings == 1 ? "基线胜出：没有一方学到比无记忆预测器更多的东西。" : $"基线胜出：在全部 {settings} 种设置中，没有一方学到比无记忆预测器更多的东西。";
    public override string NothingClearHeadline(int settings) => settings == 1 ? "没有一方的损失明显低于基线。" : $"在全部 {settings} 种设置中，没有一方的损失明显低于基线。";
    public override string FewSeedsHeadline(int most) => $"没有结论：只有 {most} 个种子，差异可能是偶然。";
    public override string TooManyFailuresHeadline(int failed, int planned) => $"没有答案：{planned} 个试验中有 {failed} 个失败或被取消。";

    public override string WinHeadline(IReadOnlyList<string> winners, IReadOnlyList<string> losers, string metric, IReadOnlyList<string> effects, int settings) =>
        $"{(settings > 1 ? $"在全部 {settings} 种设置中，" : "")}在{metric}上，{And(winners)} 优于 {And(losers)}{(effects.Count == 0 ? "" : $"（{And(effects)}）")}";

    public override string GainOf(string value, bool isFactor, bool isSmaller) => isFactor ? isSmaller ? $"小到 1/{value}" : $"是其 {value} 倍" : $"{(isSmaller ? "低" : "高")} {value}";

    public override string DependsHeadline(string statement, IReadOnlyList<(string Word, int Settings)> answers, int settings) =>
        $"视设置而定：“{statement.TrimEnd('。')}”在 {settings} 种设置中，{string.Join("，", answers.Select(answer => $"{answer.Word} {answer.Settings} 种"))}";

    public override string SameHeadline(string arm, string other, string metric) => $"在{metric}上，{arm} 与 {other} 无实质差异";
    public override string BaselinesHeadline(IReadOnlyList<string> winners, IReadOnlyList<string> losers, IReadOnlyList<string> open, bool isOfClasses)
    {
        var part = isOfClasses ? "在测试部分，按损失" : "在测试部分";
        if (winners.Count + losers.Count == 0) return $"{part}，没有网络明显好于或明显差于基线";
        List<string> parts = [];
        if (winners.Count > 0) parts.Add($"{And(winners)} 优于基线");
        if (losers.Count > 0) parts.Add($"基线优于 {And(losers)}");
        if (open.Count > 0) parts.Add($"{And(open)} 既不明显更好，也不明显更差");
        return $"{part}，{string.Join("；", parts)}";
    }

    public override string ReachedHeadline(string measure, string bound, bool isUpper, IReadOnlyList<string> reached, IReadOnlyList<string> missed) =>
        $"{And(reached)} 的{measure}{(isUpper ? "低于" : "高于")} {bound}{(missed.Count == 0 ? "" : $"，{And(missed)} 则不然")}";

    public override string HoldsHeadline(string statement) => statement.TrimEnd('。');
    public override string FailsHeadline(string statement) => $"不支持：{statement.TrimEnd('。')}";
    public override string UndecidedHeadline(int claims) => claims == 1 ? "没有答案：证据不足以判定这个论断。" : $"没有答案：{claims} 个论断都证据不足。";
    public override string CountedHeadline(int claims, string tally) => $"{claims} 个论断中，{tally}";

    public override string DescribedHeadline(string arm, int arms, string setting, string loss, string baseline) =>
        $"{(setting.Length == 0 ? "" : $"在{setting}上，")}{arm} 的损失中位数{(arms == 1 ? "" : "最小，")}为 {loss}（基线 {baseline}）；没有检验任何论断";

    public override string NothingToDescribeHeadline => "没有检验任何论断";
    public override string TallyIs(IReadOnlyList<(string Word, int Claims)> counts) => string.Join("，", counts.Select(count => $"{count.Word} {count.Claims} 个"));
    public override string AsSentence(string clause) => $"{clause}。";

    public override string SolvedFinding(IReadOnlyList<(string Arm, int Solved, int Finished)> counts, int more, int settings) =>
        $"解决任务的运行{(settings > 1 ? $"（{settings} 种设置合计）" : "")}：{string.Join("，", counts.Select(count => $"{count.Arm} {count.Finished} 次中 {count.Solved} 次"))}{(more > 0 ? $"，另有 {more} 个方案" : "")}。";

    public override string ClosestFinding(string arm, string setting, string percent) => $"没有一次运行解决任务。{arm} 最接近：损失中位数是基线的 {percent}{(setting.Length == 0 ? "" : $"（{setting}）")}。";
    public override string UnsolvedFinding => "没有一次运行解决任务。";
    public override string UnlearnedFinding(IReadOnlyList<string> settings, int all) => $"{all} 种设置中有 {settings.Count} 种（{Few(settings)}）什么也没有学到：没有一方的损失明显低于基线。";
    public override string UnsolvedSettingsFinding(IReadOnlyList<string> settings, int all) => $"{all} 种设置中有 {settings.Count} 种（{Few(settings)}）没有一次运行解决任务。";
    public override string UnlearnedArmsFinding(IReadOnlyList<string> arms) => $"{And(arms)} 的损失并不明显低于基线。";
    public override string ContradictedFinding(IReadOnlyList<string> claims) => claims.Count == 0 ? "没有不支持的论断。" : $"不支持的论断：{Few(claims)}。";
    public override string EverywhereFinding(int settings) => $"在检验过的全部 {settings} 种设置中，答案相同。";
    public override string TestedFinding(int settings) => $"检验了 {settings} 种设置。";
    public override string OneSettingFinding => "只检验了一种设置。";
    public override string Sentences(IReadOnlyList<string> sentences) => string.Concat(sentences);
    public override string DivergedFinding(int diverged, int finished, IReadOnlyList<string> arms) => $"{finished} 次运行中有 {diverged} 次发散（{Few(arms)}）。";

    public override string CostFinding(string reference, IReadOnlyList<(string Arm, string? Parameters, string? Time)> costs, bool isTimed) =>
        $"代价（与 {reference} 相比）：{string.Join("；", costs.Select(cost => $"{cost.Arm} {string.Join("，", new[] { cost.Parameters is null ? "" : $"参数量 {cost.Parameters} 倍", cost.Time is null ? "" : $"每步用时 {cost.Time} 倍" }.Where(part => part.Length > 0))}"))}{(isTimed || costs.All(cost => cost.Time is null) ? "" : "（共用机器）")}。";

    public override string NextWait(int waiting) => $"等待其余 {waiting} 个试验。";
    public override string NextLowerRate => "降低学习率，或裁剪梯度（train.clip_norm）。";
    public override string NextRetry(int failed) => $"查明 {failed} 个试验失败的原因，然后重试。";
    public override string NextSeeds(int least, int has) => $"至少运行 {least} 个种子（seeds.count，现在是 {has} 个）：再少就没有 95% 置信区间。";
    public override string NextLevelledOff(string keys, bool isTold) => isTold
        ? $"请给网络更多可学的内容（{keys}），或换一个学习率。损失已经不再下降，延长训练几乎没有帮助。"
        : $"请给网络更多可学的内容（{keys}）、延长训练（train.steps），或换一个学习率。损失在最后不再下降，但那时学习率已经下降，因此看不出哪一种有帮助。";
    public override string NextLonger => "在什么也没有学到的地方，先延长训练（train.steps）或换一个学习率，再下结论。";
    public override string NextMoreSeeds(int further, string claim, int open) => $"大约再加 {further} 个种子，{claim} 可能就有定论{(open == 1 ? "" : $"（{open} 个未定论断中的第一个）")}。";
    public override string NextTime => "单独计时（speed.measure），才能判定关于速度的论断。";
    public override string NextClosed(string claim, bool isFutile) => isFutile
        ? $"{claim} 没有定论：余下的种子几乎不可能作出判定。可要求更大的差异，或用新的种子、更多的 seeds.most 重新运行。"
        : $"{claim} 在最后一次查看后仍没有定论。可用新的种子、更多的 seeds.most 重新运行。";
    public override string NextOpen(int open) => $"有 {open} 个论断尚无定论，原因见各自的卡片。";
    public override string NextClaims => "在实验文件中写出论断（claims），才会有结论。";
    public override string NextNothing => "无需再做：每个论断都已判定。";

    public override string BackToDashboard => "控制台";
    public override string NextWord => "下一步";
    public override string FindingsWord => "发现";
    public override string GridCaption => "设置与方案：完成的种子中解决任务的个数，以及每个种子相对于基线的损失。";
    public override string GridKey(bool dots) => (dots ? "● 解决任务的种子，○ 未解决的种子。" : "完成的种子中解决任务的个数。") + "横条：每个种子的最终损失（短线）和中位数（圆点），对数刻度，右端的虚线是基线。越靠左越好。";
    public override string GridLess(int shown, int all) => $"共 {all} 种设置，这里是前 {shown} 种；条件表中有全部。";
    public override string SettingWord => "设置";
    public override string LossStrip(string median) => $"损失 ÷ 基线 {median}";
    public override string DetailsWord => "详情";
    public override string ForestKey => "圆点：典型的种子。横线：95% 置信区间。灰色：无实质差异。虚线：论断的界限。";
    public override string ForestTitle(string metric, string meaning) => meaning.Length == 0 ? metric : $"{metric}：{meaning}";
    public override string ForestGain(bool isFactor, bool isSmaller, bool isEmpty) => isEmpty ? "" : isFactor ? isSmaller ? "对方是其几倍" : "是对方的几倍" : isSmaller ? "低多少" : "高多少";
    public override string ForestRatio(bool isFactor) => isFactor ? "比值" : "差值";
    public override string MoreSettings(int count) => $"另有 {count} 种设置见详情。";
    public override string DecidedSection => "结论是如何得出的";
    public override string FilterWord => "筛选";
    public override string ShowFigure => "显示图";
    public override string TakeOut => "导出";
    public override string TakeNumbers => "CSV（数值）";
    public override string TakeTable => "LaTeX 表格";
    public override string TakeCaption => "复制图注";
    public override string TakeDone => "已完成";
    public override string SeedWord => "种子";
    public override string Unvaried(int count) => $"{count} 个没有变化的设置";
    public override string ShowTable(int rows) => $"显示 {rows} 行";
    public override string PrintTrialsWord => "同时打印全部试验";

    protected override string And(IReadOnlyList<string> words) => words.Count <= 1 ? string.Concat(words) : $"{string.Join("、", words.SkipLast(1))} 和 {words[^1]}";
    protected override string Few(IReadOnlyList<string> names) => names.Count <= 3 ? string.Join("；", names) : $"{string.Join("；", names.Take(2))}等 {names.Count} 种";
}
