using Harness.Abstractions.Contracts;
using Harness.Abstractions.Results;
using Harness.Abstractions.Specs;
using Harness.Training.Backends;
using Harness.Training.Shared;
using Harness.Training.Tasks;

namespace Harness.Training.Models;

/// <summary>Applies exported models to new rows.</summary>
internal static class ModelUse
{
    private const int Chunk = EvaluationSet.Chunk;

    /// <summary>Writes a prediction for every window of a file, or for the last one of each series, and for every row of the horizon.</summary>
    /// <exception cref="TrialRejectedException">The model or the file cannot be used.</exception>
    public static ModelReply Predict(PredictRequest request)
    {
        using var model = Open(request.Model);
        var task = Read(model.Description, request.File, Content(request.File), hasAnswers: false, request.FromEnd);
        var table = new PredictionTable(model.Description, task.TimeColumn);
        for (var first = 0; first < task.EvaluationSequences; first += Chunk)
        {
            var batch = task.InOrder(first, Chunk);
            var answers = model.Predict(batch);
            for (var index = 0; index < batch.Count; index++)
            {
                var values = ModelAnswers.Last(batch, answers, index);
                for (var answer = 0; answer < table.Answers; answer++) table.Add(task.PlaceOf(first + index, answer), answer, values);
            }
        }

        Checkpoints.DurableFile.Write(request.Output, table.ToBytes());
        return new([request.Output], table.Rows, Columns: table.Columns);
    }

    /// <summary>Scores a model on a file whose answers are known.</summary>
    /// <exception cref="TrialRejectedException">The model or the file cannot be used.</exception>
    public static ModelReply Evaluate(EvaluateRequest request)
    {
        using var model = Open(request.Model);
        var (description, content) = (model.Description, Content(request.File));
        var isTrainingData = DataFile.HashOf(content.Span) == description.Spec.Task.Data;
        if (request.Part != "all" && !isTrainingData)
            throw new TrialRejectedException($"The {request.Part} part is one of the file that the model was trained on, and '{Path.GetFileName(request.File)}' is another. Leave out --part to score all its rows.");

        // The file of training is read as training reads it: parts, sequences and baselines are those of the trial.
        var task = request.Part == "all" ? Read(description, request.File, content, hasAnswers: true) : (WindowTask)SequenceTask.Create(description.Spec.Task, content)!;
        var isTest = request.Part == "test";
        var count = Math.Min(request.Windows ?? int.MaxValue, isTest ? task.TestSequences : task.EvaluationSequences);
        if (count == 0) throw new TrialRejectedException("The split of training left no test part.");
        SequenceBatch Sequences(int first, int number) => isTest ? task.Test(first, number) : task.Evaluation(description.Spec.Seed, first, number);
        var found = model.Evaluate(task.BatchShape, count, Sequences);
        var baseline = isTest ? task.Baselines(count).Min(each => each.TestLoss!.Value) : task.EvaluationBaseline(description.Spec.Seed, count);
        var scores = new ModelScores(count, found.Loss, baseline, found.Accuracy, IsTrainingData: isTrainingData) { Baselines = Baselines(description, task, count, isTest) };
        if (description.Answer.Target is not { } target) return new([], Scores: scores);

        var size = description.Answer.IsRange ? description.Answer.Size : 1;
        var (squares, absolutes) = (new double[size], new double[size]);
        for (var first = 0; first < count; first += Chunk)
        {
            var batch = Sequences(first, Math.Min(Chunk, count - first));
            var predicted = model.Predict(batch);
            for (var place = 0; place < predicted.Length; place++)
            {
                var miss = predicted[place] - batch.Values[place];
                squares[place % size] += miss * miss;
                absolutes[place % size] += Math.Abs(miss);
            }
        }

        return new([], Scores: scores with
        {
            RootMeanSquare = target.Deviation * Math.Sqrt(found.Loss),
            MeanAbsolute = target.Deviation * absolutes.Sum() / size / count,
            BaselineRootMeanSquare = target.Deviation * Math.Sqrt(baseline),
            Steps = size == 1 ? null : [.. Enumerable.Range(0, size).Select(step => new StepScore(
                description.Answer.FirstHorizon!.Value + step, target.Deviation * Math.Sqrt(squares[step] / count), target.Deviation * absolutes[step] / count))],
        });
    }

    /// <summary>The baselines of the report, on the windows that the model is scored on.</summary>
    private static IReadOnlyList<PredictorScore> Baselines(ModelDescription description, WindowTask task, int count, bool isTest)
    {
        // A text with too many runs to store, and a folder of an earlier program, do not say what baselines were fitted to.
        if (description.Baselines is not { } fitted || (description.Inputs.Vocabulary is not null && fitted.Runs is null)) return [];
        var starts = isTest ? task.EvaluatedTest(count) : task.Evaluated(count);
        return
        [
            .. task.Baselines(count).Select(score =>
            {
                var loss = isTest ? score.TestLoss!.Value : score.Loss;
                return new PredictorScore(score.Name, loss, isTest ? score.TestAccuracy : score.Accuracy,
                    description.Answer.Target is { } target ? target.Deviation * Math.Sqrt(loss) : null, task.BaselineMeanAbsolute(score.Name, starts));
            }),
        ];
    }

    private static TrainedModel Open(string path)
    {
        var (description, weights) = ModelFolder.Read(path);
        if (description.Inputs is { Columns: null, Vocabulary: null })
            throw new TrialRejectedException($"The model was trained on the generated task {description.Spec.Task.Kind}, which reads no file. Its graph (--as onnx) takes sequences of your own.");
        return new(description, weights);
    }

    private static WindowTask Read(ModelDescription description, string file, ReadOnlyMemory<byte> content, bool hasAnswers, bool fromEnd = false) =>
        (WindowTask)SequenceTask.Create(description.Spec.Task, content, new FittedData(description.Inputs, description.Answer, hasAnswers) { Name = Path.GetFileName(file), FromEnd = fromEnd, Baselines = description.Baselines })!;

    private static ReadOnlyMemory<byte> Content(string path)
    {
        try
        {
            if (new FileInfo(path).Length > DataFile.LargestBytes) throw new IOException($"it has more than {DataFile.LargestBytes / (1024 * 1024)} MiB. Keep the header and the latest rows: a forecast needs no more than one window of each series");
            return File.ReadAllBytes(path);
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException or ArgumentException or NotSupportedException)
        {
            throw new TrialRejectedException($"The file '{path}' cannot be read: {problem.Message}");
        }
    }
}
