using CoopLine.Grains;
using CoopLine.Silo.Storage.Batching;
using CoopLine.Tests.Fixtures;
using CoopLine.Webhook.Edge;

namespace CoopLine.Tests.Edge;

/// <summary>What a log line may hold, whatever an exception says.</summary>
[NoDatabase]
public sealed class Masking
{
    [Theory]
    [InlineData("member/m-12345678")]
    [InlineData("member/m-12345")] // numbers may be short
    [InlineData("coupon/k-tofu/123456")]
    [InlineData("coupon/k-tofu-2026-11/1")]
    [InlineData("links 01JD8Z>42 and 01JD8Z")]
    [InlineData("line-account/u-U4af4980629aa4b71b2f0d6a1c5d2e3f4")]
    [InlineData("call 090-1234-5678")]
    [InlineData("at 10:17:03.12345678")] // eight digits are no fraction that .NET writes
    [InlineData("0004-ledger-without-account-index-12345678.sql")]
    public void What_names_somebody_is_masked(string text) => Assert.Contains("***", PersonalData.Mask(text), StringComparison.Ordinal);

    [Theory]
    [InlineData("Orleans.Storage.InconsistentStateException: Version conflict at row 12")]
    [InlineData("campaign tofu-2026-11 version 3")]
    [InlineData("http://127.0.0.1:5080/pos/v1/redemptions")]
    [InlineData("not completed for 17:03:39.7320543, potentially")]
    [InlineData("2026-11-22T10:15:00.1234567+09:00")]
    [InlineData("Executing Database Server script 'Storage/Sqlite/0004-ledger-without-account-index.sql'")]
    [InlineData("CoopLine.Silo/Storage/PostgreSql/0007-ledger-filed-with-its-state-and-a-name-that-is-longer.sql")]
    public void What_names_nobody_stays(string text) => Assert.Equal(text, PersonalData.Mask(text));

    [Fact]
    public void A_database_that_cannot_keep_up_is_no_defect() => Assert.True(FaultHandler.IsUnavailable(new StorageOverloadedException()));
}
