using Microsoft.Net.Http.Headers;

namespace CoopLine.Webhook.Edge;

internal static class MediaTypes
{
    public const string Csv = "text/csv";

    public static bool IsCsv(this MediaTypeHeaderValue type) => type.MediaType.Equals(Csv, StringComparison.OrdinalIgnoreCase);
}
