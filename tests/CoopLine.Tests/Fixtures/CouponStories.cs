using System.Globalization;
using System.Net;
using System.Text.Json;
using CoopLine.Simulator;

namespace CoopLine.Tests.Fixtures;

/// <summary>What members, tills and staff do in the coupon stories, each by one call.</summary>
internal static class CouponStories
{
    private static readonly TimeSpan Tokyo = TimeSpan.FromHours(9);
    private static readonly string[] PartsOfAReceipt = ["businessDate", "store", "register", "number"];

    extension(RunningSystem coop)
    {
        /// <summary>A moment as tills and staff write it, by the clock of the system.</summary>
        public string At(TimeSpan fromNow = default) =>
            (coop.Clock.GetUtcNow() + fromNow).ToOffset(Tokyo).ToString("O", CultureInfo.InvariantCulture);

        /// <summary>A purchase now, of two tofu at 198 yen unless lines are given.</summary>
        public Sale Sale(string code, string store = "0123", object[]? lines = null, TimeSpan purchased = default)
        {
            var sale = Some.Sale(code, store) with { purchasedAt = coop.At(purchased) };
            return lines is null ? sale : sale with { lines = lines };
        }

        /// <summary>Shows a code for the campaigns and has it redeemed.</summary>
        public async Task<(Sale Sale, JsonElement Answer)> Use(SimulatedPhone phone, params string[] campaigns)
        {
            var sale = coop.Sale(await coop.ShowCode(phone, campaigns));
            return (sale, await coop.Redeem(sale));
        }

        /// <summary>At the counter, for somebody whose LINE account is gone.</summary>
        public async Task UnlinkByStaff(RegisteredMember member)
        {
            using var response = await coop.UnlinkByStaff(member.Number);
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
        }

        public Task<JsonElement> Void(Sale sale) => coop.OnReceipt(sale, "void");

        public Task<JsonElement> Return(Sale sale, params int[] lines) => coop.OnReceipt(sale, "returns", new { lines });

        public async Task<JsonElement> OnReceipt(Sale sale, string what, object? body = null)
        {
            using var response = await coop.Till(sale.Store).PostAsync(
                $"/pos/v1/receipts/{sale.Key}/{what}", body is null ? null : JsonContent.Create(body));
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }

        public async Task<JsonElement> Restore(Sale sale, string campaign, string reason = "レジの打ち間違い")
        {
            using var response = await coop.Staff().PostAsJsonAsync(
                $"/staff/v1/receipts/{sale.Key}/restore", new { campaign, reason });
            Assert.True(response.IsSuccessStatusCode, await response.Content.ReadAsStringAsync());
            return await response.Content.ReadFromJsonAsync<JsonElement>();
        }

        /// <summary>What the ledger has of a receipt, oldest first: <c>used tofu-000482 30</c>, <c>voided tofu-000482 30 given back</c>.</summary>
        public async Task<string[]> LedgerOf(Sale sale)
        {
            var page = await coop.Staff().GetFromJsonAsync<JsonElement>($"/staff/v1/ledger?receipt={sale.Key}&limit=200");
            return
            [
                .. from row in page.GetProperty("rows").EnumerateArray().Reverse()
                   let back = row.GetProperty("givenBack").GetBoolean() ? " given back" : ""
                   let campaign = row.TryGetProperty("campaign", out var named) ? named.GetString() : "none"
                   select $"{row.GetProperty("kind").GetString()} {campaign} {row.GetProperty("yen").GetInt32()}{back}",
            ];
        }

        /// <summary>What the phone's coupon page shows.</summary>
        public Task<JsonElement> Available(SimulatedPhone phone) =>
            coop.Member(phone).GetFromJsonAsync<JsonElement>("/coupons/available");
    }

    extension(Sale sale)
    {
        /// <summary>Date/store/register/number.</summary>
        public string Key
        {
            get
            {
                var parts = JsonSerializer.SerializeToElement(sale.receipt);
                return string.Join('/', PartsOfAReceipt.Select(name => parts.GetProperty(name).GetString()));
            }
        }

        public string Store => sale.Key.Split('/')[1];
    }

    extension(JsonElement answer)
    {
        public string Outcome => answer.GetProperty("outcome").GetString()!;

        public bool Replayed => answer.GetProperty("replayed").GetBoolean();

        /// <summary><c>tofu-000482 on 1: 30</c> …</summary>
        public string[] Discounts =>
        [
            .. from one in answer.GetProperty("discounts").EnumerateArray()
               select $"{one.GetProperty("campaign").GetString()} on {one.GetProperty("line").GetInt32()}: {one.GetProperty("amount").GetInt32()}",
        ];

        /// <summary><c>tofu-000482: alreadyUsed</c> …</summary>
        public string[] Refusals =>
        [
            .. from one in answer.GetProperty("refusals").EnumerateArray()
               select $"{one.GetProperty("campaign").GetString()}: {one.GetProperty("reason").GetString()}",
        ];

        /// <summary>Campaign ids of a list of the coupon page.</summary>
        public string[] Campaigns(string list) =>
            [.. from one in answer.GetProperty(list).EnumerateArray() select one.GetProperty("campaign").GetString()];

        /// <summary>Nothing was used, for this one reason, and there is a sentence to read to the customer.</summary>
        public JsonElement AssertRefused(string? campaign, string reason)
        {
            Assert.Equal([$"{campaign}: {reason}"], answer.Refusals);
            Assert.Equal("refused", answer.Outcome);
            Assert.Empty(answer.Discounts);
            Assert.False(answer.Replayed);
            var refusal = answer.GetProperty("refusals")[0];
            Assert.Matches(@"\p{IsHiragana}.*。$", refusal.GetProperty("message").GetString()!);
            return refusal;
        }
    }

    extension(HttpResponseMessage response)
    {
        /// <summary>An error as every error is: RFC 9457, with the trace id to quote.</summary>
        /// <param name="reason">The last part of its type; null: whatever it is.</param>
        public async Task<JsonElement> AssertProblem(HttpStatusCode status, string? reason = null)
        {
            var text = await response.Content.ReadAsStringAsync();
            Assert.True(response.StatusCode == status, $"{(int)response.StatusCode} instead of {(int)status}: {text}");
            Assert.Equal("application/problem+json", response.Content.Headers.ContentType?.MediaType);
            var problem = JsonElement.Parse(text);
            Assert.Equal((int)status, problem.GetProperty("status").GetInt32());
            Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("title").GetString()), text);
            Assert.False(string.IsNullOrWhiteSpace(problem.GetProperty("type").GetString()), text);
            if (reason is not null) Assert.Equal("urn:coopline:" + reason, problem.GetProperty("type").GetString());
            Assert.Matches("^[0-9a-f]{32}$", problem.GetProperty("traceId").GetString()!);
            return problem;
        }

        /// <summary>400, and this field is named.</summary>
        public async Task<string> AssertBad(string field)
        {
            var problem = await response.AssertProblem(HttpStatusCode.BadRequest);
            Assert.True(problem.TryGetProperty("errors", out var errors) && errors.TryGetProperty(field, out _), $"{field}: {problem}");
            return errors.GetProperty(field)[0].GetString()!;
        }
    }
}
