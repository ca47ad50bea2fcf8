using System.Numerics;
using Harness.Training.Cells;
using Harness.Training.Engine;

namespace Harness.Training.Networks;

/// <summary>The engine's working memory for models that are trained side by side: those of one shape take turns with one stack.</summary>
/// <remarks>
/// A stack holds a batch between its way there and its way back, and nothing from one step to the next. Were each model to keep its own, several
/// would drive each other's out of the processor's cache at every turn.
/// </remarks>
internal sealed class EngineStacks : IDisposable
{
    private readonly Dictionary<(Type Cell, int Input, int Hidden, int Layers, bool Bidirectional, string? Activation, Type Number), IDisposable> stacks = [];

    public EngineStack<T> Of<T>(RecurrentCell cell, StackShape shape, Func<EngineStack<T>> create) where T : unmanaged, INumberBase<T>
    {
        var key = (cell.GetType(), shape.Input, shape.Hidden, shape.Layers, shape.Bidirectional, shape.Activation, typeof(T));
        if (!stacks.TryGetValue(key, out var stack)) stacks.Add(key, stack = create());
        return (EngineStack<T>)stack;
    }

    public void Dispose()
    {
        foreach (var stack in stacks.Values) stack.Dispose();
    }
}
