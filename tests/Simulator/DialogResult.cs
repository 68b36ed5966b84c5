using System.Net;

namespace CoopLine.Simulator;

/// <summary>What LINE's account-link dialog did.</summary>
public enum DialogOutcome
{
    /// <summary>The visitor is the user whom the link token was issued for.</summary>
    Ok,

    /// <summary>The visitor is somebody else: the webhook has neither source nor reply token.</summary>
    Failed,

    /// <summary>The token was unknown, used or older than ten minutes: an error page, and no webhook at all.</summary>
    ErrorPage,
}

/// <param name="WebhookStatus">CoopLine's answer to the webhook; null when none was sent or none came.</param>
public sealed record DialogResult(DialogOutcome Outcome, HttpStatusCode? WebhookStatus);
