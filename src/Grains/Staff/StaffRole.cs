namespace CoopLine.Grains.Staff;

/// <summary>What somebody's work is. One may have several.</summary>
[GenerateSerializer, Alias("coopline.staff-role")]
public enum StaffRole
{
    /// <summary>At the counter or on the telephone, for some stores.</summary>
    Clerk,

    /// <summary>Of some stores.</summary>
    StoreManager,

    /// <summary>Head office: writes campaigns and messages.</summary>
    Marketing,

    /// <summary>Approves what somebody else has written.</summary>
    Approver,

    /// <summary>Sees everything and changes nothing.</summary>
    Auditor,

    /// <summary>Keeps the service running, and says who else works with it.</summary>
    Operator,
}
