using CoopLine.Grains.Accounts;
using CoopLine.Grains.Campaigns;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Line;
using CoopLine.Grains.Messages;
using CoopLine.Grains.Redemptions;
using CoopLine.Grains.Tracing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;
using Polly;

namespace CoopLine.Grains;

/// <summary>What the grains need besides storage.</summary>
public static class GrainsSetup
{
    extension(IServiceCollection services)
    {
        public void AddGrains()
        {
            services.AddRedemptions();
            services.AddSingleton<LineMessages>();
            services.TryAddSingleton<MonthlyUse>();
            services.AddHostedService<Sweeping>();
            services.AddHostedService<Settling>();
            services.AddLineClient();
        }

        /// <summary>The spans that were recorded lately, here and in every silo.</summary>
        public void AddRecentSpans()
        {
            services.AddSingleton<SpanRing>();
            services.AddSingleton<RecentSpans>();
        }

        /// <summary>What decides redemptions, in whichever process the till's call arrives.</summary>
        public void AddRedemptions()
        {
            services.AddSingleton<CampaignCache>();
            services.AddSingleton<FactsReader>();
            services.AddSingleton<RecentCodes>();
            services.AddSingleton<RecentAnswers>();
            services.AddSingleton<EverySilo>();
            services.AddSingleton<RedemptionDesk>();
        }

        /// <summary>The clients of LINE's API. A process without grains needs nothing else of this for LINE.</summary>
        public void AddLineClient()
        {
            services.AddSingleton<ChannelTokens>();
            services.AddSingleton<LinkedMenu>();
            services.AddSingleton<MonthlyLimit>();
            services.AddTransient<LineMessagingClient>();
            services.AddTransient<LineSendingClient>();
            services.AddMessages();
            // It lives as long as the grains and workers that hold a client.
            services.AddHttpClient<LineCaller>()
                .SpeaksToLine(LineCaller.AnswerLimitBytes)
                .SetHandlerLifetime(Timeout.InfiniteTimeSpan)
                .AddResilienceHandler("line", pipeline =>
                {
                    // The network keeps real time, whatever clock the rules are given.
                    pipeline.TimeProvider = TimeProvider.System;
                    pipeline
                        .AddRetry(new HttpRetryStrategyOptions
                        {
                            MaxRetryAttempts = 2,
                            Delay = TimeSpan.FromMilliseconds(200),
                            BackoffType = DelayBackoffType.Exponential,
                            UseJitter = true,
                            ShouldHandle = attempt => ValueTask.FromResult(
                                MayBeRepeated(attempt.Context.GetRequestMessage())
                                && HttpClientResiliencePredicates.IsTransient(attempt.Outcome)
                                && attempt.Outcome.Result?.StatusCode != System.Net.HttpStatusCode.TooManyRequests),
                        })
                        .AddTimeout(TimeSpan.FromSeconds(5));
                });
        }

        /// <summary>The rules of messages to many, for grains and for whoever shows staff what they would do.</summary>
        private void AddMessages()
        {
            services.AddSingleton<MessageBodies>();
            services.AddSingleton<Prices>();
            services.AddSingleton<QuietHours>();
            services.AddSingleton<Spreads>();
        }
    }

    /// <summary>Everything but a reply: if a second reply is refused, nobody knows whether the first one arrived.</summary>
    private static bool MayBeRepeated(HttpRequestMessage? request) =>
        request?.RequestUri?.AbsolutePath is { } path && !path.EndsWith("/message/reply", StringComparison.Ordinal);
}
