namespace CoopLine.Webhook.Console;

/// <summary>
/// Whose name anybody may take who picks a role: there is one of these where the demo's simulator runs, and no setting makes one.
/// </summary>
/// <param name="Names">Owners of keys.</param>
public sealed record DemoStaff(IReadOnlyList<string> Names);
