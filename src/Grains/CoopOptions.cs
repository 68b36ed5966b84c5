using System.ComponentModel.DataAnnotations;
using CoopLine.Grains.Registry;

namespace CoopLine.Grains;

/// <summary>Who the co-op is, as members read it: configuration section <c>CoopLine:Coop</c>.</summary>
public sealed class CoopOptions : IValidatableObject
{
    /// <summary>With the longest name a message with a button is as long as LINE allows: 160 characters.</summary>
    public const int NameLength = 96;

    public const int PhoneLength = 40;
    public const int HoursLength = 100;

    private const string OneLine = @"^[^\p{Cc}\u2028\u2029]*$";

    /// <summary>E.g. <c>生活協同組合コープさくら</c>; one line of at most <see cref="NameLength"/> characters.</summary>
    [Required]
    [StringLength(NameLength, ErrorMessage = "CoopLine:Coop:Name has at most {1} characters.")]
    [RegularExpression(OneLine, ErrorMessage = "CoopLine:Coop:Name is one line of text.")]
    public required string Name { get; init; }

    /// <summary>Whom to call, e.g. <c>0120-000-000</c>.</summary>
    [Required]
    [StringLength(PhoneLength, ErrorMessage = "CoopLine:Coop:Phone has at most {1} characters.")]
    [RegularExpression(OneLine, ErrorMessage = "CoopLine:Coop:Phone is one line of text.")]
    public required string Phone { get; init; }

    /// <summary>When, e.g. <c>月~土 9時~18時</c>.</summary>
    [Required]
    [StringLength(HoursLength, ErrorMessage = "CoopLine:Coop:Hours has at most {1} characters.")]
    [RegularExpression(OneLine, ErrorMessage = "CoopLine:Coop:Hours is one line of text.")]
    public required string Hours { get; init; }

    /// <summary>
    /// How many digits a member number has, such as 8; several where there are several kinds. A number of another length is not
    /// compared on the link page, and costs no try. Default: any length from 1 to 20.
    /// </summary>
    public int[] MemberNumberDigits { get; init; } = [];

    /// <summary>Whether friends can ask to be told on the evening of a day what their coupons saved. Default false.</summary>
    public bool TellsSavings { get; init; }

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!MemberNumberDigits.All(digits => digits is >= 1 and <= MemberNumber.MaxDigits))
            yield return new("CoopLine:Coop:MemberNumberDigits are numbers from 1 to 20.");
    }
}

/// <summary>Where this installation is: configuration section <c>CoopLine</c>.</summary>
public sealed class SiteOptions : IValidatableObject
{
    /// <summary>The address under which members reach the pages, e.g. <c>https://line.coop.example</c>.</summary>
    [Required]
    public required Uri PublicBaseUrl { get; init; }

    /// <summary>First two digits of coupon codes, 20..29 (GS1 in-store range). Default 25.</summary>
    [RegularExpression("2[0-9]", ErrorMessage = "CoopLine:CodePrefix is two digits, 20 to 29.")]
    public string CodePrefix { get; init; } = "25";

    /// <summary>
    /// The stores by number, with their names as members know them. Default none: then any number may be a store, and shows as
    /// a number.
    /// </summary>
    public Dictionary<string, string> Stores { get; init; } = [];

    /// <summary>Whether a campaign may be for this store.</summary>
    public bool IsStore(string number) => Stores.Count == 0 || Stores.ContainsKey(number);

    public string StoreName(string store) => Stores.GetValueOrDefault(store, store);

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!PublicBaseUrl.IsWeb) yield return new("CoopLine:PublicBaseUrl is an absolute http or https address.");
    }
}

internal static class WebAddress
{
    extension(Uri address)
    {
        /// <summary>Whether a browser can go there.</summary>
        public bool IsWeb => address.IsAbsoluteUri && (address.Scheme == Uri.UriSchemeHttps || address.Scheme == Uri.UriSchemeHttp);
    }
}
