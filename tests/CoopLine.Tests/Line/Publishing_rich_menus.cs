using CoopLine.Grains.Line;
using CoopLine.Silo.Commands;
using CoopLine.Silo.RichMenus;
using CoopLine.Simulator;
using CoopLine.Tests.Fixtures;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace CoopLine.Tests.Line;

/// <summary>The command <c>richmenus</c>: run again it changes nothing, and broken off anywhere it leaves nobody without a menu.</summary>
[NoDatabase]
public sealed class Publishing_rich_menus : IDisposable
{
    private const string Member = "coopline-linked";
    private const string Everybody = "coopline-unlinked";

    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 22, 1, 0, 0, TimeSpan.Zero));
    private readonly StringWriter screen = new();

    public void Dispose() => screen.Dispose();

    [Fact]
    public async Task Given_an_account_without_menus_then_both_come_with_their_pictures_and_a_second_run_changes_nothing()
    {
        await using var line = await Line();
        var phone = await Friend(line);

        Assert.Equal(0, await Run(line));
        Assert.StartsWith(Everybody + " ", phone.RichMenu, StringComparison.Ordinal);
        await LinkByAlias(line, phone);
        Assert.StartsWith(Member + " ", phone.RichMenu, StringComparison.Ordinal);

        var changes = Changes(line);
        Assert.Equal(0, await Run(line));
        Assert.Contains("nothing to do", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(changes, Changes(line));
    }

    [Fact]
    public async Task Given_a_dry_run_then_it_tells_the_steps_and_takes_none()
    {
        await using var line = await Line(hasMenus: true);

        Assert.Equal(0, await Run(line, args: "--dry-run"));

        Assert.Equal(0, Changes(line));
        foreach (var step in new[] { "Create coopline-linked ", "Create coopline-unlinked ", "Upload", "Show", "Wait", "Give", "Delete" })
            Assert.Contains(step, screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_another_picture_then_members_get_the_new_menu_before_the_old_one_goes()
    {
        await using var line = await Line();
        await Run(line);
        var (member, late) = (await Friend(line), await Friend(line));
        await LinkByAlias(line, member);
        var old = await Client(line).Alias(Member);

        await Publish(line, Changed(line), onWait: () => Link(line, late, old!)); // by a process that knows the old one yet

        var menus = await Client(line).List();
        Assert.Equal([Changed(line).Everybody.Name, Changed(line).Members.Name], menus.Select(menu => menu.Name));
        Assert.Equal(Changed(line).Members.Name, member.RichMenu);
        Assert.Equal(Changed(line).Members.Name, late.RichMenu);
        Assert.Equal(Changed(line).Everybody.Name, (await Friend(line)).RichMenu);
    }

    [Fact]
    public async Task Given_menus_made_by_hand_then_their_members_move_too()
    {
        await using var line = await Line(hasMenus: true);
        var member = await Friend(line);
        await LinkByAlias(line, member);

        await Publish(line, Present(line));

        Assert.Equal(Present(line).Members.Name, member.RichMenu);
        Assert.Equal(2, (await Client(line).List()).Count);
    }

    [Fact]
    public async Task Given_an_alias_of_a_menu_with_another_name_then_its_members_move_too()
    {
        await using var line = await Line(hasMenus: true);
        var member = await Friend(line);
        var designed = line.RichMenus.Find(line.RichMenus.Alias(Member)!)!;
        designed["name"] = "秋のメニュー";
        var id = line.RichMenus.Create(designed);
        line.RichMenus.SetImage(id, new("image/png", new byte[1]));
        line.RichMenus.SetAlias(Member, id, isNew: false);
        await LinkByAlias(line, member);

        await Publish(line, Present(line));

        Assert.Equal(Present(line).Members.Name, member.RichMenu);
        Assert.Equal(2, (await Client(line).List()).Count);
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(false, true)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task Given_a_break_at_any_call_then_everybody_has_a_menu_and_the_next_run_completes_it(bool answerLost, bool replacing)
    {
        for (var call = 1; ; call++)
        {
            await using var line = await Line();
            var member = await Friend(line);
            if (replacing)
            {
                await Publish(line, Present(line));
                await LinkByAlias(line, member);
            }

            var (wanted, breaking) = (replacing ? Changed(line) : Present(line), new Break(call, answerLost));
            var broken = await Record.ExceptionAsync(() => Publish(line, wanted, breaking));
            if (broken is not null) Assert.IsType<LineRefusalException>(broken);
            if (replacing) Assert.StartsWith(Member, member.RichMenu, StringComparison.Ordinal);
            await Publish(line, wanted);

            if (!replacing) await LinkByAlias(line, member);
            Assert.Equal(wanted.Members.Name, member.RichMenu);
            Assert.Equal(wanted.Everybody.Name, (await Friend(line)).RichMenu);
            Assert.Equal(2, (await Client(line).List()).Count);
            Assert.False(await Publish(line, wanted));
            if (broken is not null) continue;
            Assert.InRange(call, replacing ? 14 : 10, 20); // all calls had their turn
            return;
        }
    }

    [Fact]
    public async Task Given_a_wrong_token_then_it_says_which_setting()
    {
        await using var line = await Line();

        Assert.Equal(1, await Run(line, token: "another"));

        Assert.Contains("CoopLine:Line:ChannelAccessToken", screen.ToString(), StringComparison.Ordinal);
        Assert.Contains("401", screen.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Given_no_token_and_a_wrong_channel_then_it_says_which_settings()
    {
        await using var line = await Line();
        var options = Options.Create(new LineOptions
        {
            ChannelSecret = "another",
            ChannelId = line.Options.ChannelId,
            LoginChannelId = line.Options.LoginChannelId,
            LiffId = line.Options.LiffId,
            ApiBase = line.BaseAddress,
        });
        var client = new RichMenuClient(new HttpClient(), new ChannelTokens(options, clock), options);

        var refused = await Assert.ThrowsAsync<LineRefusalException>(() => client.List());

        Assert.Contains("CoopLine:Line:ChannelId and CoopLine:Line:ChannelSecret", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<html>Wi-Fi login</html>")]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"access_token\":\"a\\nb\",\"expires_in\":900}")]
    [InlineData("{\"access_token\":\"a\",\"expires_in\":-1}")]
    [InlineData("{\"access_token\":\"a\",\"expires_in\":99999999999}")]
    public async Task Given_a_channel_token_that_cannot_be_one_then_it_is_asked_for_again(string nonsense)
    {
        await using var line = await Line();
        var options = Options.Create(new LineOptions
        {
            ChannelSecret = line.Options.ChannelSecret,
            ChannelId = line.Options.ChannelId,
            LoginChannelId = line.Options.LoginChannelId,
            LiffId = line.Options.LiffId,
            ApiBase = line.BaseAddress,
        });
        var client = new RichMenuClient(new HttpClient(), new ChannelTokens(options, clock), options);
        line.Trouble.AnswerWith(LineCall.ChannelToken, 200, nonsense);

        await Assert.ThrowsAsync<LineRefusalException>(() => client.List());

        Assert.NotNull(await client.List());
    }

    [Theory]
    [InlineData("<html>Wi-Fi login</html>")]
    [InlineData("{}")]
    [InlineData("{\"richmenus\":{}}")]
    [InlineData("{\"richmenus\":[{\"richMenuId\":7,\"name\":\"x\"}]}")]
    [InlineData("{\"richmenus\":[\"x\"]}")]
    public async Task Given_an_answer_that_cannot_be_read_then_it_says_so_and_changes_nothing(string nonsense)
    {
        await using var line = await Line();
        line.Trouble.AnswerWith(LineCall.RichMenus, 200, nonsense);

        Assert.Equal(1, await Run(line));

        Assert.Contains("LINE's answer cannot be read", screen.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Changes(line));
    }

    [Fact]
    public async Task Given_the_limit_of_LINE_then_it_says_so_and_members_keep_the_old_menu()
    {
        await using var line = await Line();
        await Publish(line, Present(line));
        var member = await Friend(line);
        await LinkByAlias(line, member);
        line.Trouble.RateLimit(LineCall.RichMenuBatch);

        var refused = await Assert.ThrowsAsync<LineRefusalException>(() => Publish(line, Changed(line)));

        Assert.Contains("wait an hour", refused.Message, StringComparison.Ordinal);
        Assert.Equal(Present(line).Members.Name, member.RichMenu);
        Assert.True(await Publish(line, Changed(line)));
        Assert.Equal(Changed(line).Members.Name, member.RichMenu);
    }

    [Fact]
    public async Task Given_LINE_is_not_there_then_it_says_that_no_answer_came()
    {
        var line = await Line();
        await line.DisposeAsync();

        Assert.Equal(1, await Run(line));
        Assert.Contains("gave no answer", screen.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--force")]
    [InlineData("a", "b")]
    public async Task Given_wrong_arguments_then_the_usage_is_told(params string[] args)
    {
        await using var line = await Line();

        Assert.Equal(2, await RichMenusCommand.Run(Publisher(line), args, screen));
        Assert.Empty(line.Calls);
    }

    private Task<LineSimulator> Line(bool hasMenus = false) => LineSimulator.Start(
        new() { CoopLineUrl = new("http://127.0.0.1:1"), HasMenus = hasMenus, EnvironmentName = "Testing" }, clock);

    private static async Task<SimulatedPhone> Friend(LineSimulator line)
    {
        var phone = line.Phone();
        await phone.Follow();
        return phone;
    }

    private async Task LinkByAlias(LineSimulator line, SimulatedPhone phone) =>
        await Link(line, phone, (await Client(line).Alias(Member))!);

    private static async Task Link(LineSimulator line, SimulatedPhone phone, string menu)
    {
        using var http = new HttpClient { BaseAddress = line.BaseAddress };
        http.DefaultRequestHeaders.Authorization = new("Bearer", line.Options.ChannelAccessToken);
        using var answer = await http.PostAsync($"/v2/bot/user/{phone.UserId}/richmenu/{menu}", null);
        answer.EnsureSuccessStatusCode();
    }

    private static int Changes(LineSimulator line) => line.Calls.Count(call => call.Method != "GET");

    private Task<int> Run(LineSimulator line, string? args = null, string? token = null) =>
        RichMenusCommand.Run(Publisher(line, token: token), args is null ? [] : [args], screen);

    private Task<bool> Publish(
        LineSimulator line, (RichMenuDesign Everybody, RichMenuDesign Members) menus, DelegatingHandler? on = null,
        Func<Task>? onWait = null) => Publisher(line, on).Publish(
            menus.Everybody, menus.Members, dryRun: false, step =>
            {
                if (!step.StartsWith("Wait", StringComparison.Ordinal)) return;
                onWait?.Invoke().GetAwaiter().GetResult();
                clock.Advance(LinkedMenu.Kept + Settings(line).Timeout);
            },
            TestContext.Current.CancellationToken);

    private static (RichMenuDesign Everybody, RichMenuDesign Members) Present(LineSimulator line) =>
        (RichMenuDesign.Unlinked(Settings(line)), RichMenuDesign.Linked(Settings(line)));

    /// <summary>Each has the other's picture.</summary>
    private static (RichMenuDesign Everybody, RichMenuDesign Members) Changed(LineSimulator line)
    {
        var (everybody, members) = Present(line);
        return (
            RichMenuDesign.Of(Everybody, ("組合員番号で連携する", "action=link"), members.Picture, Settings(line)),
            RichMenuDesign.Of(Member, ("組合員番号連携解除", "action=unlink"), everybody.Picture, Settings(line)));
    }

    private RichMenuPublisher Publisher(LineSimulator line, DelegatingHandler? on = null, string? token = null) =>
        new(Client(line, on, token), Options.Create(Settings(line)), clock);

    private RichMenuClient Client(LineSimulator line, DelegatingHandler? on = null, string? token = null)
    {
        var options = Options.Create(Settings(line, token));
        on?.InnerHandler = new HttpClientHandler();
        return new(on is null ? new HttpClient() : new HttpClient(on), new ChannelTokens(options, clock), options);
    }

    private static LineOptions Settings(LineSimulator line, string? token = null) => new()
    {
        ChannelSecret = line.Options.ChannelSecret,
        ChannelAccessToken = token ?? line.Options.ChannelAccessToken,
        LoginChannelId = line.Options.LoginChannelId,
        LiffId = line.Options.LiffId,
        ApiBase = line.BaseAddress,
        DataApiBase = line.BaseAddress,
    };

    /// <summary>The connection breaks at a certain call, before LINE takes it or before LINE's answer arrives; so do all later ones.</summary>
    private sealed class Break(int at, bool answerLost) : DelegatingHandler
    {
        private int calls;

        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            var call = ++calls;
            if (call > at || (call == at && !answerLost)) throw new HttpRequestException("cut");
            var response = await base.SendAsync(request, cancellationToken);
            return call == at ? throw new HttpRequestException("cut") : response;
        }
    }
}
