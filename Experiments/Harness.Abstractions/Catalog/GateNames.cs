namespace Harness.Abstractions.Catalog;

/// <summary>What gates are called in prose.</summary>
public static class GateNames
{
    /// <param name="gate">A name of <see cref="CellDefinition.Gates"/>.</param>
    public static LocalText Of(string gate) => new($"{gate} gate", gate switch
    {
        "forget" => "遗忘门",
        "input" => "输入门",
        "output" => "输出门",
        "update" => "更新门",
        "reset" => "重置门",
        "candidate" or "cell" => "候选状态",
        _ => $"{gate} 门",
    });
}
