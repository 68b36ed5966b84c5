using CoopLine.Grains.Registry;
using CoopLine.Tests.Fixtures;

namespace CoopLine.Tests.Registry;

[NoDatabase]
public sealed class Hashing
{
    private static readonly RegistryHash Hash = new("0123456789abcdef"u8.ToArray());

    [Fact]
    public void The_hashes_of_earlier_versions_still_match()
    {
        // printf 'phone:09012345678' | openssl dgst -sha256 -hmac 0123456789abcdef
        Assert.Equal("36442a79525e29724c8b3991d494fa995b72143a019d46de74ecd403c74ee7dd", Hash.Phone("09012345678"));
        Assert.Equal("e38681b84243408257634aef95eded9c3f17977bcd5416b9f41f0fdc1d128d7c", Hash.BirthDate("19710401"));
    }

    [Fact]
    public void A_phone_and_a_birth_date_of_the_same_digits_differ() =>
        Assert.NotEqual(Hash.Phone("19710401"), Hash.BirthDate("19710401"));

    [Fact]
    public void Another_key_gives_another_hash() =>
        Assert.NotEqual(
            Hash.Phone("09012345678"), new RegistryHash("0123456789abcdeg"u8.ToArray()).Phone("09012345678"));

    [Fact]
    public void A_key_of_fifteen_bytes_is_refused()
    {
        Assert.Throws<ArgumentException>(() => new RegistryHash(new byte[15]));
        Assert.Equal(64, new RegistryHash(new byte[16]).Phone("0").Length);
    }
}
