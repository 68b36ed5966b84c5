namespace CoopLine.Simulator.Line;

internal static class LineRoutes
{
    /// <summary>Names the endpoint, so that <see cref="LinePipeline"/> takes its calls.</summary>
    public static void Is(this RouteHandlerBuilder route, LineCall call, bool needsChannelToken = true) =>
        route.WithMetadata(new LineEndpoint(call, needsChannelToken));
}
