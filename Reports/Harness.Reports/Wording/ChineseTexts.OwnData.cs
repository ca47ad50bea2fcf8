using System.Globalization;
using Harness.Abstractions.Catalog;
using Harness.Abstractions.Metrics;
using Harness.Abstractions.Specs;

namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    public override string OwnDataSection => "您的数据，以及胜过简单预测需要什么";
    public override string OwnDataIntroduction => "简单预测器在训练部分上拟合，并与网络在相同的序列上评估。基线是在验证部分上损失最小的简单预测器。网络的损失是各种子的中位数。";
    public override string PredictorsCaption(string task) => $"{task}：简单预测器与网络";
    public override string PredictorColumn => "预测器";
    public override string ValidationLoss => "验证损失";
    public override string TestLossColumn => "测试损失";
    public override string TestErrorColumn(string target) => $"{target} 的测试均方根误差";
    public override string TestAccuracyColumn => "测试准确率";
    public override string ValidationAccuracyColumn => "验证准确率";
    public override string SkillColumn => "测试技巧分";
    public override string SkillHint => "1 − 损失 ÷ 基线损失";
    public override string BaselineMark => "基线";
    public override string InUnitsOfTarget => "以目标自身的单位";
    public override string BaselineName(BaselineDefinition baseline) => baseline.Words.Chinese;

    public override string BaselineArm(BaselineDefinition baseline) => baseline.Words.Chinese;

    public override string NoNetworkWins(string task, string baseline, string loss, string network, string best) =>
        $"{task}：在测试部分上没有网络胜过{baseline}：其损失为 {loss}，最好的网络（{network}）为 {best}。请使用{baseline}。";

    public override string NetworkWins(string task, string baseline, string loss, string network, string best, string skill) =>
        $"{task}：{network} 的测试损失最小，为 {best}，{baseline}为 {loss}，减少了 {skill}。";

    public override string MeasureAgainst(string metric, string winner, string loser) => $"{metric.Trim()}（{winner} 对 {loser}）";

    public override string MeasureWinners(string task, string baseline, IReadOnlyList<string> baselineWins, string network, IReadOnlyList<string> networkWins, IReadOnlyList<string> ties) =>
        $"{task}：{string.Join("；", new[]
        {
            baselineWins.Count == 0 ? null : $"{baseline}在{And(baselineWins)}上更好",
            networkWins.Count == 0 ? null : $"验证损失最小的网络 {network} 在{And(networkWins)}上更好",
            ties.Count == 0 ? null : $"两者在{And(ties)}上相同",
        }.OfType<string>())}。";

    public override string MeasureColumn(string metric) => metric switch
    {
        MetricCatalog.TestRootMeanSquare => "测试均方根误差",
        MetricCatalog.TestMeanAbsolute => "测试平均绝对误差",
        MetricCatalog.TestScaledError => "测试 MASE",
        MetricCatalog.TestPercentError => "测试 sMAPE",
        MetricCatalog.TestBalancedAccuracy => "平衡测试准确率",
        MetricCatalog.TestMacroF1 => "测试宏平均 F1",
        MetricCatalog.TestBits => "测试每字符比特数",
        MetricCatalog.TestPerplexity => "测试困惑度",
        _ => metric,
    };

    public override string RecommendationTitle => "建议使用";
    public override string ExpectedMeasure(DataQuestions question, string target) => question switch
    {
        DataQuestions.Class => "正确率",
        DataQuestions.Text => "每字符比特数",
        _ => $"{target} 的均方根误差",
    };

    public override string NetworkOfSize(ModelSpec model, string label) =>
        $"{label}（{(model.Layers > 1 ? $"{model.Layers.ToString(CultureInfo.InvariantCulture)} 层，每层 " : "")}{model.Hidden.ToString(CultureInfo.InvariantCulture)} 个单元）";

    public override string IntervalOf(string low, string high, int seeds) => $"（95 % 区间 {low} – {high}，{seeds} 个种子）";

    public override string TakeNetwork(RecommendedText text, string parameters, string seconds) =>
        $"{text.Task}：使用 {text.Network}。在测试部分，其{text.Measure}为 {text.NetworkValue}{text.Interval}；验证部分上最好的简单预测器（{text.Baseline}）为 {text.BaselineValue}。它有 {parameters} 个参数，训练用时 {seconds} 秒。";

    public override string TakeBaseline(RecommendedText text) =>
        $"{text.Task}：使用{text.Baseline}。在测试部分，其{text.Measure}为 {text.BaselineValue}；验证损失最小的网络 {text.Network} 为 {text.NetworkValue}{text.Interval}。";

    public override string TakeBaselineOfTie(RecommendedText text) =>
        $"{text.Task}：使用{text.Baseline}，它不需要训练。在测试部分，验证损失最小的网络 {text.Network} 既不明显更好也不明显更差：其{text.Measure}为 {text.NetworkValue}{text.Interval}，{text.Baseline}为 {text.BaselineValue}。";

    public override string ForecastTitle => "测试部分的预测";
    public override string ForecastFinding(string task, string first, string last, string network, string miss, string baseline, string baselineMiss) =>
        $"{task}，第 {first} 到 {last} 行：{network} 的中位预测平均偏差 {miss}，{baseline}为 {baselineMiss}。";
    public override string TruthWord => "真实值";
    public override string NetworkColumn => "网络";
    public override string BaselineColumn => "基线";
    public override string SeriesColumn => "目标";
    public override string RowAxis => "文件的行";
    public override string MedianOfSeeds(int seeds) => $"{seeds} 个种子的中位数";
    public override string ForecastTableCaption => "真实值与预测，以目标自身的单位";
    public override IReadOnlyList<string> ForecastHowToRead =>
    [
        "每个点都是由它之前的行作出的预测。网络是验证损失最小的那个，基线是验证损失最小的简单预测器。",
        "如果预测只是把真实值推迟一行，网络学到的就只是重复上一个值。",
    ];

    public override string ResidualTitle => "测试部分的误差有规律吗";
    public override string ResidualFinding(string task, string network, int outside, int lags, string largest, string lag, string chance) =>
        $"{task}：{network} 的误差在 {lags} 个滞后中有 {outside} 个超出偶然范围 ±{chance}；最大的相关为 {largest}，在滞后 {lag} 处。";
    public override string LagOfRowsAxis => "滞后（行）";
    public override string CorrelationAxis => "误差的相关";
    public override string ChanceLabel => "偶然";
    public override string ResidualTableCaption => "测试部分误差的自相关";
    public override IReadOnlyList<string> ResidualHowToRead =>
    [
        "误差是真实值减去预测。相隔固定行数的误差彼此相似，说明还有可以预测的东西没有学到。",
        "每 20 个滞后中约有一个会偶然超出 ±1.96/√n。",
    ];

    public override string ConfusionTitle => "测试部分哪些类别被混淆";
    public override string ByClassTitle => "各类别的正确率";
    public override string ConfusionFinding(string task, string network, string best, string bestShare, string worst, string worstShare, string? confused) => best == worst
        ? $"{task}：{network} 对 {best} 的正确率为 {bestShare}。{confused}"
        : $"{task}：{network} 对 {best} 的正确率为 {bestShare}，对 {worst} 为 {worstShare}。{confused}";
    public override string ConfusedClasses(string right, string answer, string share) => $"最常见的混淆：{right} 的 {share} 被当作 {answer}。";
    public override string AnsweredAxis => "回答的类别";
    public override string RightClassAxis => "正确的类别";
    public override string ShareRightAxis => "正确率";
    public override string AskedColumn => "提问数";
    public override string ShareRightHint => "正确回答的比例";
    public override string ConfusionScale => "占正确类别的比例";
    public override string ConfusionTableCaption => "按正确类别统计的回答，所有种子合计";
    public override IReadOnlyList<string> ConfusionHowToRead =>
    [
        "每一行是一个正确的类别，每一列是一个回答。明亮的对角线表示回答正确；旁边的亮格指出混淆。",
        "第二张图把各类别的正确率与基线比较。只有基线能答对的类别没有被学到。",
    ];

    public override string ClassErrorTitle => "测试部分各类别的误差";
    public override string RecallAxis => "召回率";
    public override string PrecisionAxis => "精确率";
    public override string ClassShareColumn => "类别所占比例";
    public override string SeedsSpreadColumn => "各种子的范围";
    public override string ClassErrorTableCaption => "测试部分各类别的召回率和精确率";
    public override string ClassErrorFinding(string task, string network, string missed, string recall, string share, string doubted, string precision) =>
        $"{task}：{network} 最难找到的类别是 {missed}，召回率为 {recall}；该类别占测试部分的 {share}。它回答 {doubted} 时有 {precision} 正确，是最不可靠的回答。";
    public override IReadOnlyList<string> ClassErrorHowToRead =>
    [
        "召回率是一个类别中答对的比例，精确率是回答为该类别时答对的比例。标记取各种子的中位数，线段从最小的种子到最大的种子。",
        "菱形是类别所占的比例。稀少的类别即使召回率很低，也几乎不改变总的正确率，所以先看这里。",
    ];

    public override string PeriodErrorTitle => "测试部分从开头到结尾的误差";
    public override string WrongShareColumn => "错误回答";
    public override string FirstRowColumn => "第一行";
    public override string LastRowColumn => "最后一行";
    public override string ErrorColumn => "误差";
    public override string PeriodErrorHint => "以目标的单位表示的 RMSE，或错误回答的比例";
    public override string PeriodErrorTableCaption => "按时段统计的测试误差";
    public override string PeriodErrorFinding(string task, string network, bool isShare, string worst, string most, string best, string least, string baseline, string better, string periods) =>
        $"{task}：{network} 的{(isShare ? "错误率" : " RMSE ")}在第 {worst} 行最大（{most}），在第 {best} 行最小（{least}）。在 {periods} 个时段中，有 {better} 个低于{baseline}。";
    public override IReadOnlyList<string> PeriodErrorHowToRead =>
    [
        "每个点是测试部分一段之内的误差，各段存储的回答数相等。每条线取各种子的中位数；色带从最小的种子到最大的种子。",
        "一个平均值看不出误差何时发生。上升的线说明网络已经过时：请用更新的行重新训练。所有线共同的峰值指出不寻常的时段。",
    ];

    public override string HorizonTitle => "按预测步长的误差";
    public override string HorizonFinding(string task, string network, string first, string last, string near, string far, string baseline, string baselineNear, string baselineFar, string better, string steps) =>
        $"{task}：{network} 的 RMSE 在提前 {first} 行时为 {near}，提前 {last} 行时为 {far}；{baseline}为 {baselineNear} 和 {baselineFar}。在 {steps} 个步长中，网络有 {better} 个更好。";
    public override string RowsAheadAxis => "提前的行数";
    public override string SmallestOfSeeds => "各种子中最小的 RMSE";
    public override string LargestOfSeeds => "各种子中最大的 RMSE";
    public override string HorizonTableCaption => "按提前行数统计的测试误差";
    public override IReadOnlyList<string> HorizonHowToRead =>
    [
        "每个网络一次给出所有步长的预测。每条线是测试部分上某个步长的均方根误差，取各种子的中位数；色带从最小的种子到最大的种子。",
        "虚线是基线：在验证部分上所有步长的总损失最小的简单预测。网络高于虚线的步长，请使用基线。",
    ];

    public override string GeneratedCaption(string prompt) => $"生成的文本：每个网络续写测试部分的开头“{prompt}”。温度低于 1 时，可能的字符更可能出现；↵ 表示换行。";
    public override string TemperatureColumn => "温度";
    public override string GeneratedColumn => "文本";

    public override string LookBackTitle => "需要多少过去的数据";
    public override string LookBackFinding(string task, string network, string needed, string window, bool isFirst, bool isAll, string shortLoss, string wholeLoss) => isFirst
        ? $"{task}：{network} 只需要最新的一行：隐藏更早的行使测试损失增加不到 5 %。"
        : isAll
            ? $"{task}：{network} 用到了整个 {window} 行的窗口：测试损失从只看最新一行的 {shortLoss} 降到 {wholeLoss}。更长的窗口可能有帮助。"
            : $"{task}：{network} 需要 {window} 行中的 {needed} 行；更早的行带来的收益不到全部的 5 %。测试损失从只看最新一行的 {shortLoss} 降到看整个窗口的 {wholeLoss}。";
    public override string LookBackUnknown(string task, string network) => $"{task}：{network} 的测试损失不是有限值，因此不知道它需要多少过去的数据。";
    public override string NeedsRows(string rows) => $"需要 {rows} 行";
    public override string RowsShownAxis => "显示的最新行数";
    public override string LookBackTableCaption => "按显示的最新行数统计的测试损失";
    public override IReadOnlyList<string> LookBackHowToRead =>
    [
        "每个训练好的网络回答测试部分的窗口，其中只有最新的若干行属于该窗口。更早的行取自另一个窗口，数值看起来正常，但与答案无关。",
        "曲线平坦的地方，更早的行对这个网络没有影响。没有学会利用过去的网络，曲线也是平坦的。",
    ];

    public override string CardCaption(string task) => $"{task}：数据文件的内容";
    public override string CardFact => "项目";
    public override string CardValue => "值";
    public override string CardRows => "行数或字符数";
    public override string CardSeries(string count, string shortest, string longest) => $"{count} 个序列，每个 {shortest} 到 {longest} 行";
    public override string CardSeriesWord => "序列";
    public override string CardTime => "时间";
    public override string CardTimeValue(DataTime time, string gaps, string absent) =>
        $"{time.Column}：{time.From} 至 {time.To}，间隔 {Every(time)}；{(time.Gaps == 0 ? "没有缺口" : $"{gaps} 处缺口，约缺 {absent} 行")}";

    public override string CardSeason => "季节";
    public override string CardSeasonValue(string rows) => $"{rows} 行";
    public override string CardSequences => "训练、验证、测试的序列数";
    public override string CardIndependent => "其中互不共用任何行的至多";
    public override string CardMissing => "缺失值";
    public override string CardConstant => "从不变化的输入";
    public override string CardRepeated => "与其他输入相同的输入";
    public override string CardClasses => "训练部分的类别";
    public override string CardUnknown => "验证和测试中的未知字符";
    public override string CardLicence => "许可";

    public override string CardOutside => "验证和测试的答案超出训练范围的比例";
    public override string CardTarget => "训练部分的目标";
    public override string CardTargetValue(string mean, string deviation) => $"均值 {mean}，标准差 {deviation}；损失为 1 即误差为一个标准差";

    public override string DataWarningSentence(DataWarning warning) => warning switch
    {
        DataWarning.NewestFirst => "数据中最新的行在最前面：训练看到了未来，测试却是过去。结论与预测无关。",
        DataWarning.Interleaved => "多行有相同的日期：文件包含多个序列，窗口会从一个序列跨入另一个。",
        DataWarning.FewWindows => "评估用的互不重叠的序列少于 30 个：网络之间或与基线之间的小差异可能出于偶然。",
        DataWarning.OutsideRange => "验证和测试的答案有十分之一以上超出训练所见的范围。",
        DataWarning.Sentinel => "有一个远离其余数值的值被当作数字读取，它可能表示缺失。",
        DataWarning.UnknownCharacters => "超过 2 % 的字符是同一个未知符号，因此损失看上去比实际低。",
        DataWarning.Gaps => "序列中缺少若干行；跨越缺口的窗口把它当作一步。",
        DataWarning.Leak => "某个输入已经包含答案。",
        _ => warning.ToString(),
    };

    private static string Every(DataTime time)
    {
        var unit = time.Unit switch { "second" => "秒", "minute" => "分钟", "hour" => "小时", "day" => "天", "week" => "周", "month" => "个月", "quarter" => "个季度", "year" => "年", _ => "" };
        return $"{Formatting.Numbers.Plain(time.Every)} {unit}".TrimEnd();
    }
}
