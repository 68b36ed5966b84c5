using System.Collections.Concurrent;
using CoopLine.Silo.Hosting;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoopLine.Tests.Hosting;

/// <summary>Nothing that names a person stands in a line of the log, whatever is switched on (product section 5).</summary>
public sealed class Personal_data_in_the_log : IAsyncLifetime
{
    private readonly Printed log = new();
    private readonly RunningSystem coop;

    public Personal_data_in_the_log() => coop = new()
    {
        Wrap = services => services.AddLogging(logging => logging
            .AddProvider(log).AddFilter<Printed>(level => level >= LogLevel.Trace)),
    };

    public ValueTask InitializeAsync() => coop.InitializeAsync();

    public ValueTask DisposeAsync() => coop.DisposeAsync();

    [Fact]
    public async Task A_link_with_all_its_troubles_and_a_purchase_leave_no_personal_data_in_the_log()
    {
        var member = await coop.NewMember();
        var tofu = await coop.Publish();
        var phone = await coop.NewFriend();
        var page = await coop.OpenPage(phone);
        await coop.Answer(page, member, phone: "0312345678");
        await coop.Answer(page, member, birthDate: "S46");
        coop.Faults.Order("link-session", Fault.BeforeTheWrite);
        await coop.Answer(page, member);
        coop.Line.Trouble.Answer(LineCall.LinkToken, 400, $"The user {phone.UserId} is unknown");
        await coop.Answer(page, member);
        var dialog = (await coop.Answer(page, member)).Location!;
        coop.Faults.Order("member", Fault.AfterTheCommit);
        await coop.Line.OpenAccountLinkDialog(dialog, phone.UserId);
        await coop.Faults.AllStruck();
        await coop.NextRound();
        await phone.WaitForRichMenu(LinkingSteps.LinkedMenu);
        await coop.Look(member.Number);
        var code = await coop.ShowCode(phone, tofu);
        await coop.Redeem(coop.Sale(code));
        coop.Line.Trouble.Answer(LineCall.Push, 400, $"{phone.UserId} {member.Number}");
        using (await coop.UnlinkByStaff(member.Number)) { }
        await phone.Settle();

        var session = page.Segments[^1];
        var token = System.Web.HttpUtility.ParseQueryString(dialog.Query)["linkToken"]!;
        string[] personal =
        [
            member.Number, member.Phone, member.BirthDate, phone.UserId, session, LinkingSteps.NonceOf(dialog), token, code,
            RunningSystem.StaffKey, RunningSystem.ChannelSecret, coop.Line.Options.ChannelAccessToken,
        ];
        var leaks =
            from line in log.Lines
            from secret in personal
            where line.Contains(secret, StringComparison.Ordinal)
            select $"[{Array.IndexOf(personal, secret)}] {line}";
        Assert.NotEmpty(log.Lines);
        Assert.Contains(log.Lines, line => line.Contains("CoopLine.Grains", StringComparison.Ordinal));
        Assert.Empty(leaks.Take(40));
    }

    /// <summary>Every entry at every level, as the program's console prints it.</summary>
    private sealed class Printed : ILoggerProvider
    {
        private readonly MaskedFormatter formatter = new(TimeProvider.System);

        public ConcurrentQueue<string> Lines { get; } = [];

        public ILogger CreateLogger(string categoryName) => new Category(categoryName, this);

        public void Dispose()
        {
        }

        private sealed class Category(string name, Printed printed) : ILogger
        {
            public IDisposable? BeginScope<TState>(TState state)
                where TState : notnull => null;

            public bool IsEnabled(LogLevel logLevel) => true;

            public void Log<TState>(
                LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> write)
            {
                using var text = new StringWriter();
                printed.formatter.Write(
                    new LogEntry<TState>(logLevel, name, eventId, state, exception, write), null, text);
                printed.Lines.Enqueue(text.ToString());
            }
        }
    }
}
