using Harness.Abstractions.Catalog;
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

    public override string NoNetworkWins(string task, string baseline, string loss, string network, string best) =>
        $"{task}：在测试部分上没有网络胜过{baseline}：其损失为 {loss}，最好的网络（{network}）为 {best}。请使用{baseline}。";

    public override string NetworkWins(string task, string baseline, string loss, string network, string best, string skill) =>
        $"{task}：{network} 的测试损失最小，为 {best}，{baseline}为 {loss}，减少了 {skill}。";

    public override string AccuracyWins(string task, string baseline, string share, string network, string best) =>
        $"{task}：测试部分的正确率：{baseline}为 {share}，最好的网络（{network}）为 {best}。";

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
