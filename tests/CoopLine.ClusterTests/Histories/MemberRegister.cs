namespace CoopLine.ClusterTests.Histories;

/// <summary>One member number: free, or linked to one LINE account.</summary>
internal sealed record MemberRegister(string? Account)
{
    public static MemberRegister Free { get; } = new((string?)null);

    public MemberRegister? Link(string account) => Account is null ? new(account) : null;

    public MemberRegister MaybeLink(string account) => Link(account) ?? this;

    /// <summary>"Linked to another LINE account".</summary>
    public MemberRegister? RefuseAsLinked(string account) => Account is { } other && other != account ? this : null;

    /// <summary>Staff unlink whoever is linked.</summary>
    public MemberRegister? Unlink() => Account is null ? null : Free;

    public MemberRegister MaybeUnlink() => Unlink() ?? this;

    public MemberRegister? Seen(string? account) => Account == account ? this : null;
}
