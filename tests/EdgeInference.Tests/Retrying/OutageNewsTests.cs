using EdgeInference.Retrying;
using Microsoft.Extensions.Time.Testing;

namespace EdgeInference.Tests.Retrying;

public sealed class OutageNewsTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new();
    private readonly OutageNews _news;

    public OutageNewsTests() => _news = new OutageNews(_time);

    [Fact]
    public void Work_NeverFailed_IsNoNews() => Assert.Equal(default, _news.Work());

    [Fact]
    public void Work_AfterAnOutage_TellsItsLengthAndAttempts()
    {
        Assert.Equal(OutageNewsKind.Fails, _news.Fail().Kind);
        for (int i = 0; i < 3; i++)
        {
            _time.Advance(Minute);
            Assert.Equal(OutageNewsKind.None, _news.Fail().Kind);
        }

        _time.Advance(Minute);
        OutageNewsItem back = _news.Work();

        Assert.Equal((OutageNewsKind.WorksAgain, 4, new Duration(4 * Minute)), (back.Kind, back.Failures, back.Away));
        Assert.Equal(OutageNewsKind.None, _news.Work().Kind);
    }

    [Fact]
    public void Fail_InAnotherWay_IsNewsOnceInAnOutage()
    {
        OutageNewsKind[] told = [_news.Fail(0).Kind, _news.Fail(2).Kind, _news.Fail(0).Kind, _news.Fail(2).Kind];

        Assert.Equal([OutageNewsKind.Fails, OutageNewsKind.Fails, OutageNewsKind.None, OutageNewsKind.None], told);
        Assert.Equal(4, _news.Work().Failures);
        Assert.Equal(OutageNewsKind.Fails, _news.Fail(2).Kind);
    }

    /// <summary>A camera that gives a frame every ten seconds, for a year.</summary>
    [Fact]
    public void Fail_Flapping_IsToldOnceAndThenOnceAnHour()
    {
        var told = new List<OutageNewsItem>();
        for (TimeSpan passed = TimeSpan.Zero; passed < TimeSpan.FromDays(365); passed += TimeSpan.FromSeconds(10))
        {
            Add(told, _news.Fail());
            _time.Advance(TimeSpan.FromSeconds(4));
            Add(told, _news.Work());
            _time.Advance(TimeSpan.FromSeconds(6));
        }

        OutageNewsKind[] first =
        [
            OutageNewsKind.Fails, OutageNewsKind.WorksAgain, OutageNewsKind.Fails, OutageNewsKind.WorksAgain,
            OutageNewsKind.Fails, OutageNewsKind.WorksAgain, OutageNewsKind.IsUnsteady,
        ];
        Assert.Equal(first, told.Take(first.Length).Select(static item => item.Kind));
        Assert.Equal((OutageNews.Several, new Duration(TimeSpan.FromSeconds(30))), (told[first.Length - 1].Outages, told[first.Length - 1].Span));
        Assert.All(told.Skip(first.Length), static item => Assert.Equal(OutageNewsKind.IsStillUnsteady, item.Kind));
        Assert.InRange(told.Count - first.Length, (365 * 24) - 30, 365 * 24);
        OutageNewsItem last = told[^1];
        Assert.InRange(last.Outages, 365 * 24 * 358, 365 * 24 * 360);
        Assert.InRange(last.Away.Value / last.Span.Value, 0.399, 0.401);
    }

    [Fact]
    public void Work_SteadyAfterFlapping_SaysSoAndTellsSingleOutagesAgain()
    {
        Flap(12);
        _time.Advance(OutageNews.Memory - TimeSpan.FromSeconds(1));
        Assert.Equal(OutageNewsKind.None, _news.Work().Kind);
        _time.Advance(TimeSpan.FromSeconds(1));

        OutageNewsItem steady = _news.Work();

        Assert.Equal((OutageNewsKind.IsSteady, 12, new Duration(12 * TimeSpan.FromSeconds(4))), (steady.Kind, steady.Outages, steady.Away));
        Assert.Equal(OutageNewsKind.Fails, _news.Fail().Kind);
        Assert.Equal(OutageNewsKind.WorksAgain, _news.Work().Kind);
    }

    [Fact]
    public void Fail_GoneForGoodAfterFlapping_SaysThatItIsLost()
    {
        Flap(12);
        Assert.Equal(OutageNewsKind.None, _news.Fail().Kind);
        _time.Advance(OutageNews.Memory);

        Assert.Equal(OutageNewsKind.Fails, _news.Fail().Kind);
        Assert.Equal(OutageNewsKind.None, _news.Fail().Kind);
        _time.Advance(TimeSpan.FromDays(3));
        OutageNewsItem back = _news.Work();

        Assert.Equal((OutageNewsKind.WorksAgain, "3 days"), (back.Kind, back.Away.ToString()));
    }

    [Fact]
    public void Fail_WhatNobodyAskedAboutWhileItWorked_CountsAsSteady()
    {
        Flap(12);
        _time.Advance(TimeSpan.FromDays(1));

        Assert.Equal(OutageNewsKind.Fails, _news.Fail().Kind);
    }

    [Fact]
    public void Fail_NowAndThen_IsNeverUnsteady()
    {
        for (int i = 0; i < 100; i++)
        {
            Assert.Equal(OutageNewsKind.Fails, _news.Fail().Kind);
            _time.Advance(Minute);
            Assert.Equal(OutageNewsKind.WorksAgain, _news.Work().Kind);
            _time.Advance(3 * Minute);
        }
    }

    private void Flap(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _news.Fail();
            _time.Advance(TimeSpan.FromSeconds(4));
            _news.Work();
        }
    }

    private static void Add(List<OutageNewsItem> told, OutageNewsItem item)
    {
        if (item.Kind != OutageNewsKind.None)
            told.Add(item);
    }
}
