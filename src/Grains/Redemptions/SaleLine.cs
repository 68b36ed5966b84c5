namespace CoopLine.Grains.Redemptions;

/// <summary>値引シール: whether an item already carries a discount sticker.</summary>
[GenerateSerializer, Alias("coopline.markdown")]
public enum Markdown
{
    No,
    Yes,
    Unknown,
}

/// <summary>One line of a receipt that a coupon may be used on.</summary>
/// <param name="Line">The till's number of the line, unique on the receipt.</param>
/// <param name="Jan">The item's code as <see cref="Campaigns.Jan.Item"/> writes it, if it has one.</param>
/// <param name="Category">The co-op's category of the item, if the till knows it.</param>
/// <param name="Quantity">Units on the line, from 1.</param>
/// <param name="UnitPrice">Yen a unit.</param>
[GenerateSerializer, Immutable, Alias("coopline.sale-line")]
public sealed record SaleLine(
    [property: Id(0)] int Line,
    [property: Id(1)] string? Jan,
    [property: Id(2)] string? Category,
    [property: Id(3)] int Quantity,
    [property: Id(4)] int UnitPrice,
    [property: Id(5)] Markdown Markdown)
{
    /// <summary>Yen: no item costs more, and no coupon takes more off.</summary>
    public const int UnitPriceMax = 9_999_999;

    /// <summary>Characters of a category, on a line and in a campaign.</summary>
    public const int CategoryMax = 20;

    /// <summary>The same as a regular expression: 1 to 20 characters, none of them for control.</summary>
    public const string CategoryShape = @"\P{Cc}{1,20}";
}
