using System.Security.Cryptography;
using System.Text;
using CoopLine.Grains.Line;
using Microsoft.Extensions.Options;

namespace CoopLine.Silo.RichMenus;

/// <summary>
/// Brings the account's two menus to what they should be. Every step can be repeated, and each leaves every user with a
/// menu that works: the new menu is complete before anybody is shown it, and the old one goes when nobody has it.
/// </summary>
internal sealed class RichMenuPublisher(RichMenuClient line, IOptions<LineOptions> options, TimeProvider clock)
{
    private static readonly TimeSpan FirstLook = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(1); // LINE answers 100 an hour

    /// <param name="say">Told of each step before it is done; with <paramref name="dryRun"/>, of what would be done.</param>
    /// <returns>Whether there was anything to do.</returns>
    /// <exception cref="LineRefusalException">LINE did not do a step. Run again, it goes on with that one.</exception>
    public Task<bool> Publish(bool dryRun, Action<string> say, CancellationToken cancellation = default) => Publish(
        RichMenuDesign.Unlinked(options.Value), RichMenuDesign.Linked(options.Value), dryRun, say, cancellation);

    internal async Task<bool> Publish(
        RichMenuDesign unlinked, RichMenuDesign linked, bool dryRun, Action<string> say, CancellationToken cancellation)
    {
        var done = 0;
        var alias = options.Value.LinkedRichMenu;
        var menus = await line.List(cancellation);
        var everybodys = await line.Default(cancellation);
        var members = await line.Alias(alias, cancellation);

        var forEverybody = await Complete(unlinked, everybodys);
        if (forEverybody != everybodys)
            await Do($"Show {unlinked.Name} to everybody", () => line.SetDefault(forEverybody, cancellation));

        var forMembers = await Complete(linked, members);
        if (forMembers != members)
            await Do($"Show {linked.Name} to members who link", () => line.SetAlias(alias, forMembers, members is not null, cancellation));
        var outdated = menus.Where(menu => menu.Id != forMembers && (linked.IsVersion(menu) || menu.Id == members)).ToArray();
        if (outdated.Length > 0)
        {
            // A process that looked the menu up just before is still about to give out the old one.
            var patience = LinkedMenu.Kept + options.Value.Timeout;
            var wait = dryRun ? Task.CompletedTask : Task.Delay(patience, clock, cancellation);
            await Do($"Wait {patience.TotalSeconds:0} seconds, until no process gives out the old menu", () => wait);
            await Do("Give linked members the new menu", () => Move(outdated, forMembers, cancellation));
        }

        foreach (var menu in outdated.Concat(menus.Where(menu => menu.Id != forEverybody && unlinked.IsVersion(menu))))
            await Do($"Delete {menu.Name} ({menu.Id})", () => line.Delete(menu.Id, cancellation));
        return done > 0;

        // A menu of this name may lack its picture, or be there twice, after a call whose answer was lost.
        async Task<string> Complete(RichMenuDesign design, string? shown)
        {
            var same = menus.Where(menu => menu.Name == design.Name).ToArray();
            var id = (Array.Find(same, menu => menu.Id == shown) ?? same.FirstOrDefault())?.Id;
            if (id is null)
                await Do($"Create {design.Name}", async () => id = await line.Create(design.Definition, cancellation));
            if (same.Length == 0 || !await line.HasPicture(id!, cancellation))
                await Do($"Upload the picture of {design.Name}", () => line.SetPicture(id!, design.Picture, cancellation));
            return id ?? design.Name; // a dry run has no id
        }

        async Task Do(string what, Func<Task> act)
        {
            done++;
            say(what);
            if (!dryRun) await act();
        }
    }

    private async Task Move(RichMenu[] from, string to, CancellationToken cancellation)
    {
        var ids = from.Select(menu => menu.Id).Order(StringComparer.Ordinal).ToArray();
        // The same move after a crash has the same key: LINE goes on where it was.
        var key = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(' ', ids) + "→" + to)));
        var request = await line.Move(ids, to, key, cancellation);
        for (var pause = FirstLook; !await line.Moved(request, cancellation); pause = Min(pause * 2, LongestPause))
            await Task.Delay(pause, clock, cancellation);
    }

    private static TimeSpan Min(TimeSpan one, TimeSpan other) => one < other ? one : other;
}
