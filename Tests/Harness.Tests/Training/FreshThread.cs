using System.Runtime.ExceptionServices;
using Harness.Training.Native;

namespace Harness.Tests.Training;

/// <summary>Runs code on a thread of its own that keeps subnormal numbers until something there makes it flush them.</summary>
internal static class FreshThread
{
    public static T Run<T>(Func<T> act)
    {
        T result = default!;
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                SubnormalFlush.Set(on: false);
                SubnormalFlush.IsOn.ShouldBeFalse();
                result = act();
            }
            catch (Exception thrown)
            {
                failure = ExceptionDispatchInfo.Capture(thrown);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result;
    }
}
