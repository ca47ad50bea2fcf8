namespace Harness.Abstractions.Catalog;

/// <summary>The publications that cells, tasks and methods come from.</summary>
public static class Citations
{
    public static Citation Elman1990 { get; } = new("elman1990finding", "Elman, Jeffrey L.", "Finding Structure in Time", "Cognitive Science", 1990, new("14", "2", "179--211")) { Doi = "10.1207/s15516709cog1402_1" };

    public static Citation Hochreiter1997 { get; } = new("hochreiter1997long", "Hochreiter, Sepp and Schmidhuber, J{\\\"u}rgen", "Long Short-Term Memory", "Neural Computation", 1997, new("9", "8", "1735--1780")) { Doi = "10.1162/neco.1997.9.8.1735" };

    public static Citation Gers2000 { get; } = new("gers2000learning", "Gers, Felix A. and Schmidhuber, J{\\\"u}rgen and Cummins, Fred", "Learning to Forget: Continual Prediction with {LSTM}", "Neural Computation", 2000, new("12", "10", "2451--2471")) { Doi = "10.1162/089976600300015015" };

    public static Citation Gers2001 { get; } = new("gers2001lstm", "Gers, Felix A. and Schmidhuber, J{\\\"u}rgen", "{LSTM} Recurrent Networks Learn Simple Context-Free and Context-Sensitive Languages", "IEEE Transactions on Neural Networks", 2001, new("12", "6", "1333--1340")) { Doi = "10.1109/72.963769" };

    public static Citation Cho2014 { get; } = new(
        "cho2014learning", "Cho, Kyunghyun and van Merri{\\\"e}nboer, Bart and Gulcehre, Caglar and Bahdanau, Dzmitry and Bougares, Fethi and Schwenk, Holger and Bengio, Yoshua",
        "Learning Phrase Representations using {RNN} Encoder--Decoder for Statistical Machine Translation",
        "Proceedings of the 2014 Conference on Empirical Methods in Natural Language Processing ({EMNLP})", 2014, new(null, null, "1724--1734"))
    { IsProceedings = true, Doi = "10.3115/v1/D14-1179" };

    public static Citation Vaswani2017 { get; } = new(
        "vaswani2017attention", "Vaswani, Ashish and Shazeer, Noam and Parmar, Niki and Uszkoreit, Jakob and Jones, Llion and Gomez, Aidan N. and Kaiser, {\\L}ukasz and Polosukhin, Illia",
        "Attention Is All You Need", "Advances in Neural Information Processing Systems", 2017, new("30", null, "5998--6008"))
    { IsProceedings = true };

    public static Citation Xiong2020 { get; } = new(
        "xiong2020layer", "Xiong, Ruibin and Yang, Yunchang and He, Di and Zheng, Kai and Zheng, Shuxin and Xing, Chen and Zhang, Huishuai and Lan, Yanyan and Wang, Liwei and Liu, Tie-Yan",
        "On Layer Normalization in the Transformer Architecture", "Proceedings of the 37th International Conference on Machine Learning", 2020, new("119", null, "10524--10533"))
    { IsProceedings = true };

    public static Citation Arjovsky2016 { get; } = new(
        "arjovsky2016unitary", "Arjovsky, Martin and Shah, Amar and Bengio, Yoshua", "Unitary Evolution Recurrent Neural Networks",
        "Proceedings of the 33rd International Conference on Machine Learning", 2016, new("48", null, "1120--1128"))
    { IsProceedings = true };

    public static Citation Bai2018 { get; } = new(
        "bai2018empirical", "Bai, Shaojie and Kolter, J. Zico and Koltun, Vladlen", "An Empirical Evaluation of Generic Convolutional and Recurrent Networks for Sequence Modeling", "arXiv:1803.01271", 2018);

    public static Citation Bengio1994 { get; } = new("bengio1994learning", "Bengio, Yoshua and Simard, Patrice and Frasconi, Paolo", "Learning Long-Term Dependencies with Gradient Descent is Difficult", "IEEE Transactions on Neural Networks", 1994, new("5", "2", "157--166")) { Doi = "10.1109/72.279181" };

    public static Citation Deletang2023 { get; } = new(
        "deletang2023neural", "Del{\\'e}tang, Gr{\\'e}goire and Ruoss, Anian and Grau-Moya, Jordi and Genewein, Tim and Wenliang, Li Kevin and Catt, Elliot and Cundy, Chris and Hutter, Marcus and Legg, Shane and Veness, Joel and Ortega, Pedro A.",
        "Neural Networks and the {Chomsky} Hierarchy", "International Conference on Learning Representations", 2023)
    { IsProceedings = true };

    public static Citation Mackey1977 { get; } = new("mackey1977oscillation", "Mackey, Michael C. and Glass, Leon", "Oscillation and Chaos in Physiological Control Systems", "Science", 1977, new("197", "4300", "287--289")) { Doi = "10.1126/science.267326" };

    public static Citation Jing2019 { get; } = new("jing2019gated", "Jing, Li and Gulcehre, Caglar and Peurifoy, John and Shen, Yichen and Tegmark, Max and Solja{\\v{c}}i{\\'c}, Marin and Bengio, Yoshua", "Gated Orthogonal Recurrent Units: On Learning to Forget", "Neural Computation", 2019, new("31", "4", "765--783")) { Doi = "10.1162/neco_a_01174" };

    public static Citation Gu2023 { get; } = new("gu2023mamba", "Gu, Albert and Dao, Tri", "Mamba: Linear-Time Sequence Modeling with Selective State Spaces", "arXiv:2312.00752", 2023);

    /// <summary>Correction over several claims.</summary>
    public static Citation Holm1979 { get; } = new("holm1979simple", "Holm, Sture", "A Simple Sequentially Rejective Multiple Test Procedure", "Scandinavian Journal of Statistics", 1979, new("6", "2", "65--70"));

    /// <summary>The location of paired differences.</summary>
    public static Citation Hodges1963 { get; } = new("hodges1963estimates", "Hodges, Joseph L. and Lehmann, Erich L.", "Estimates of Location Based on Rank Tests", "The Annals of Mathematical Statistics", 1963, new("34", "2", "598--611")) { Doi = "10.1214/aoms/1177704172" };

    /// <summary>The test of paired differences.</summary>
    public static Citation Wilcoxon1945 { get; } = new("wilcoxon1945individual", "Wilcoxon, Frank", "Individual Comparisons by Ranking Methods", "Biometrics Bulletin", 1945, new("1", "6", "80--83")) { Doi = "10.2307/3001968" };
}
