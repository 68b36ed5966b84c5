using Microsoft.AspNetCore.Http;

namespace CoopLine.Webhook.Edge;

internal static class Forms
{
    /// <summary>A form that cannot be read counts as an empty one: each field then says what is missing.</summary>
    public static async Task<IFormCollection> ReadFormOrNothing(this HttpRequest request)
    {
        if (!request.HasFormContentType) return FormCollection.Empty;
        try
        {
            return await request.ReadFormAsync();
        }
        catch (Exception e) when (e is InvalidDataException or IOException and not BadHttpRequestException)
        {
            return FormCollection.Empty;
        }
    }
}
