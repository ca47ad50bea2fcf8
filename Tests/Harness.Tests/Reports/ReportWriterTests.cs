using Harness.Reports;

namespace Harness.Tests.Reports;

public sealed class ReportWriterTests
{
    [Fact]
    public async Task Draft()
    {
        await File.WriteAllTextAsync("/tmp/r-typical.html", await ReportWriter.Write(ResultsFixture.Typical, ReportOptions.Default), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync("/tmp/r-hostile.html", await ReportWriter.Write(ResultsFixture.Hostile, ReportOptions.Default), TestContext.Current.CancellationToken);
    }
}
