using System.Security.Cryptography;
using System.Text.Json.Nodes;

namespace CoopLine.Simulator.Line;

internal enum RichMenuOutcome
{
    Done,
    NotFound,
    NoImage,
    ImageAlreadyThere,
    AliasTaken,
}

/// <summary>The account's rich menus, the default one, and those linked to single users.</summary>
internal sealed class RichMenus(Changes changes)
{
    public const string Unlinked = "coopline-unlinked";
    public const string Linked = "coopline-linked";

    private readonly Lock gate = new();
    private readonly List<Menu> menus = [];
    private readonly Dictionary<string, string> ofUser = [];
    private readonly Dictionary<string, string> aliases = [];
    private readonly HashSet<string> movesDone = [];
    private string? defaultId;

    public IReadOnlyList<JsonObject> All
    {
        get
        {
            lock (gate) return [.. menus.Select(menu => menu.Json)];
        }
    }

    public string? Default
    {
        get
        {
            lock (gate) return defaultId;
        }
    }

    /// <summary>The two menus that CoopLine makes at LINE, for tests that are about something else.</summary>
    public void CreateCoopMenus(string couponsUri)
    {
        var unlinked = Create(Menu.Of(Unlinked, ("組合員番号で連携する", "action=link"), couponsUri));
        var linked = Create(Menu.Of(Linked, ("組合員番号連携解除", "action=unlink"), couponsUri));
        var drawnByThePhone = new Image("image/png", Array.Empty<byte>());
        SetImage(unlinked, drawnByThePhone);
        SetImage(linked, drawnByThePhone);
        SetDefault(unlinked);
        SetAlias(Linked, linked, isNew: true);
    }

    public string Create(JsonObject definition)
    {
        lock (gate)
        {
            var id = "richmenu-" + RandomNumberGenerator.GetHexString(32, lowercase: true);
            menus.Add(new Menu(id, definition.DeepClone().AsObject()));
            return id;
        }
    }

    public JsonObject? Find(string id)
    {
        lock (gate) return Known(id)?.Json;
    }

    public RichMenuOutcome SetImage(string id, Image image)
    {
        lock (gate)
        {
            if (Known(id) is not { } menu) return RichMenuOutcome.NotFound;
            if (menu.Image is not null) return RichMenuOutcome.ImageAlreadyThere;
            menu.Image = image;
            return RichMenuOutcome.Done;
        }
    }

    public Image? ImageOf(string id)
    {
        lock (gate) return Known(id)?.Image;
    }

    public RichMenuOutcome Delete(string id)
    {
        lock (gate)
        {
            if (Known(id) is not { } menu) return RichMenuOutcome.NotFound;
            menus.Remove(menu);
            if (defaultId == id) defaultId = null;
            foreach (var (user, linked) in ofUser.ToArray())
            {
                if (linked == id) ofUser.Remove(user);
            }
        }
        changes.Announce();
        return RichMenuOutcome.Done;
    }

    public RichMenuOutcome SetDefault(string? id)
    {
        lock (gate)
        {
            if (id is not null && Check(id) is var check and not RichMenuOutcome.Done) return check;
            defaultId = id;
        }
        changes.Announce();
        return RichMenuOutcome.Done;
    }

    public string? Alias(string alias)
    {
        lock (gate) return aliases.GetValueOrDefault(alias);
    }

    public RichMenuOutcome SetAlias(string alias, string id, bool isNew)
    {
        lock (gate)
        {
            if (Check(id) is var check and not RichMenuOutcome.Done) return check;
            if (aliases.ContainsKey(alias) == isNew)
                return isNew ? RichMenuOutcome.AliasTaken : RichMenuOutcome.NotFound;
            aliases[alias] = id;
            return RichMenuOutcome.Done;
        }
    }

    /// <summary>Gives everybody who has the one menu the other.</summary>
    /// <param name="resumeKey">A move that was completed under this key is not made again.</param>
    public RichMenuOutcome Move(IReadOnlyList<(string From, string To)> moves, string? resumeKey)
    {
        lock (gate)
        {
            foreach (var (from, to) in moves)
            {
                if (Known(from) is null) return RichMenuOutcome.NotFound;
                if (Check(to) is var check and not RichMenuOutcome.Done) return check;
            }
            if (resumeKey is not null && !movesDone.Add(resumeKey)) return RichMenuOutcome.Done;
            foreach (var (from, to) in moves)
            {
                foreach (var user in ofUser.Where(entry => entry.Value == from).Select(entry => entry.Key).ToArray())
                    ofUser[user] = to;
            }
        }
        changes.Announce();
        return RichMenuOutcome.Done;
    }

    /// <param name="reachable">LINE says that it is done, and does nothing, for users who blocked the account.</param>
    public RichMenuOutcome Link(string userId, string id, bool reachable)
    {
        lock (gate)
        {
            if (Check(id) is var check and not RichMenuOutcome.Done) return check;
            if (reachable) ofUser[userId] = id;
        }
        changes.Announce();
        return RichMenuOutcome.Done;
    }

    public void Unlink(string userId)
    {
        lock (gate) ofUser.Remove(userId);
        changes.Announce();
    }

    public string? LinkedTo(string userId)
    {
        lock (gate) return ofUser.GetValueOrDefault(userId);
    }

    /// <summary>The menu at the bottom of this user's chat: his own, else the default.</summary>
    public JsonObject? ShownTo(string userId)
    {
        lock (gate) return Known(ofUser.GetValueOrDefault(userId) ?? defaultId)?.Json;
    }

    private Menu? Known(string? id) => menus.Find(menu => menu.Id == id);

    private RichMenuOutcome Check(string id) => Known(id) switch
    {
        null => RichMenuOutcome.NotFound,
        { Image: null } => RichMenuOutcome.NoImage,
        _ => RichMenuOutcome.Done,
    };

    internal sealed record Image(string ContentType, ReadOnlyMemory<byte> Bytes);

    private sealed record Menu(string Id, JsonObject Definition)
    {
        public Image? Image { get; set; }

        public JsonObject Json
        {
            get
            {
                var json = Definition.DeepClone().AsObject();
                json["richMenuId"] = Id;
                return json;
            }
        }

        public static JsonObject Of(string name, (string Text, string Data) banner, string couponsUri) => new()
        {
            ["size"] = new JsonObject { ["width"] = 2500, ["height"] = 843 },
            ["selected"] = true,
            ["name"] = name,
            ["chatBarText"] = "メニュー",
            ["areas"] = new JsonArray(
                Area(0, new JsonObject
                {
                    ["type"] = "postback",
                    ["label"] = banner.Text,
                    ["data"] = banner.Data,
                    ["displayText"] = banner.Text,
                }),
                Area(1250, new JsonObject { ["type"] = "uri", ["label"] = "クーポン", ["uri"] = couponsUri })),
        };

        private static JsonObject Area(int x, JsonObject action) => new()
        {
            ["bounds"] = new JsonObject { ["x"] = x, ["y"] = 0, ["width"] = 1250, ["height"] = 843 },
            ["action"] = action,
        };
    }
}
