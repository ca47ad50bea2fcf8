using Harness.Reports.Sections;

namespace Harness.Reports.Wording;

internal sealed partial class ChineseTexts
{
    public override string ArticleSection => "课程文章的论断";
    public override string ArticleIntroduction => "一篇介绍循环神经网络的课程文章列举了 RNN、LSTM 和 GRU 的优点与缺点。下面逐条列出其中十六个论断、本实验中与之相关的结论，以及已知的原因。";
    public override string ArticleNotAsked => "本实验没有检验这一点。";
    public override string ArticleUndecided => "检验过，但这里无法定论。";
    public override string ArticleShown => "只作展示，不作判定。";
    public override string Shown => "展示";
    public override string ArticleHolds(int decided, int asked) => decided == 1 && asked == 1 ? "在这里成立。" : $"在这里成立：{asked} 项检验中有 {decided} 项支持，没有一项反对。";
    public override string ArticleFails(int decided, int asked) => decided == 1 && asked == 1 ? "在这里不成立。" : $"在这里不成立：{asked} 项检验中有 {decided} 项反对，没有一项支持。";
    public override string ArticleDepends(int supported, int against, int depending, int asked) =>
        $"视情况而定：{asked} 项检验中有 {supported} 项支持，{against} 项反对{(depending == 0 ? "" : $"，{depending} 项的答案取决于设置")}。";

    public override ArticleText ArticleClaim(int number) => number switch
    {
        1 => new("RNN 的优点", "结构简单，易于理解和实现。",
            "简单与否本身无法测量，规模却可以。隐藏层大小相同时，RNN 循环层的参数量恰好是 LSTM 的四分之一、GRU 的三分之一：一个权重块，而不是四个或三个。几行代码的手写循环能训练到同样的损失，直到舍入误差使两者分开。"),
        2 => new("RNN 的优点", "适合处理任意长度的序列。",
            "每一步使用的是同一组权重，所以循环网络可以在任意长度的序列上运行。学到的东西在超出训练长度之后是否仍然有效，则是另一个问题：在另一种长度上的测试检验的正是这一点。"),
        3 => new("RNN 的缺点", "在长序列上梯度会消失或爆炸，训练因此变得困难。",
            "滞后 k 步的梯度是 k 个雅可比矩阵 diag(tanh′)·W 的乘积（Pascanu 等，2013）。按通常的随机初始化，实测每退一步，它缩小的倍数大致相同。仅凭 W 不能得出这一点：它的谱半径约为 0.6，但最大奇异值约为 1.1，而且 W 不是正规矩阵。梯度爆炸需要很大的循环权重矩阵，默认初始化都不会如此：tanh 的饱和会抑制这一乘积。梯度裁剪对所有滞后按同样的比例缩放，所以不改变曲线的斜率。训练后的 RNN 也不一定再有梯度消失：训练可以把谱半径提高到 1 以上。"),
        4 => new("RNN 的缺点", "训练时间较长，在长序列上尤其如此。",
            "所有循环单元每步的用时都与序列长度成正比，而 RNN 的一步是最便宜的。真正可能耗时的，是学会依赖很久以前的信息所需的步数，它甚至可能永远学不会。"),
        5 => new("RNN 的缺点", "每一步都依赖上一步，难以并行，硬件利用率低。",
            "T 个小矩阵乘法必须依次计算，只有批大小和隐藏层大小能提供并行的工作。在有许多处理器可用时，其表现是：即使词元总数不变，用时也随序列长度增加。测量正是这样做的，并以 Transformer 作对照。在单个 CPU 线程上没有可以并行的余地，用时也就不一定增加。LSTM 和 GRU 同样如此。"),
        6 => new("LSTM 的优点", "门控机制解决了（或者说有效缓解了）梯度消失问题。",
            "沿着细胞状态的直接路径，梯度只与遗忘门相乘（Hochreiter 与 Schmidhuber，1997；Gers 等，2000）；经过 h 的路径再叠加其上。初始值在 0.5 附近的门每一步都遗忘一半，所以在 PyTorch 的默认初始化下，LSTM 的梯度消失得几乎与 RNN 一样快；把遗忘门偏置设为 1 或 2，或者通过训练打开这个门，才会有差别。门使之成为可能，但并不保证。"),
        7 => new("LSTM 的优点", "能够捕捉长距离依赖。",
            "关键在于：答案取决于很久以前的输入的任务，能否在训练预算内解决。如果遗忘门一开始半闭，LSTM 可能连 RNN 偶尔都能解决的任务（例如锁存任务）也失败；把门打开，几百步之内就能解决。"),
        8 => new("LSTM 的缺点", "结构复杂：参数更多，更难训练和调优。",
            "四个权重块而不是一个，使隐藏层大小相同时循环层的参数量恰好是四倍。是否更难训练，要与 RNN 比较：谁能解决任务，需要多少步。是否更难调优，则需要多个学习率。Greff 等（2017）发现，对 LSTM 来说最重要的同样是学习率。遗忘门偏置又是一个需要考虑的设置（Jozefowicz 等，2015）。"),
        9 => new("LSTM 的缺点", "计算开销大，训练因此更慢。",
            "它每一步的乘法次数是 RNN 的四倍。只有在计算内核相近时，用时才与之成比例：在 CPU 上使用 float32 时，库函数只为 LSTM 提供了融合内核，使它几乎与 RNN 一样快；手写循环则体现出运算量本身的开销。"),
        10 => new("LSTM 的缺点", "参数较多，数据少时容易过拟合。",
            "参数量相同时，没有理由认为它比其他单元更容易过拟合；而当答案取决于很久以前的输入时，找不到规律的普通 RNN 只能死记训练集，这才是最严重的过拟合。因此检验中各单元的参数量相同。"),
        11 => new("GRU 的优点", "只有两个门，参数比 LSTM 少。",
            "三个权重块对四个：隐藏层大小相同时，循环层的参数量恰好是 LSTM 的四分之三（Cho 等，2014）。"),
        12 => new("GRU 的优点", "参数较少，所以通常训练得更快。",
            "每步的用时取决于计算内核，而不是参数量：在 CPU 上使用 float32 时，库函数的 GRU 没有 LSTM 那样的融合内核，因而慢好几倍。若看达到目标的步数，GRU 在加法任务上往往领先（Bai 等，2018）。原因不在初始的梯度：它与 LSTM 的消失得一样快。"),
        13 => new("GRU 的优点", "在许多任务上与 LSTM 相当，有时更好。",
            "“相当”要用等效检验来判定，绝不能以“没有发现差异”代替；比较的是达到目标的步数和准确率，因为接近零的损失之比没有意义。文献的结论并不一致：Chung 等（2014）发现 GRU 在音乐数据上略占优势，Bai 等（2018）则发现两者各在一些任务上领先。"),
        14 => new("GRU 的缺点", "在某些任务上 LSTM 表现更好。",
            "计数是一个已知的例子：LSTM 的细胞状态不受挤压，可以增减计数；GRU 的状态被限制在 −1 与 1 之间（Weiss 等，2018）。他们的检验用到比训练时长得多的词。这里的词不超过训练时的长度，因为更长的词之前也有更长的静默；最长的词最能说明问题。"),
        15 => new("GRU 的缺点", "内部机制难以解释。",
            "这一点没有数字可以判定。本报告画出了 GRU 和 LSTM 的门在一条评估序列上的变化：如果负责保持的门在关键的符号处关闭、在其间保持打开，机制就能直接读出来。"),
        16 => new("Transformer", "摆脱了循环结构，并行处理整个序列，训练快得多。",
            "注意力机制一次算出所有的步，代价是计算量随长度的平方增长。能快多少，取决于有多少处理器可用：在单个 CPU 核上没有可以并行的余地，剩下的好处只是矩阵乘法次数更少、规模更大。"),
        _ => throw new ArgumentOutOfRangeException(nameof(number), number, "The article makes sixteen claims."),
    };
}
