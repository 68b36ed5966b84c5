using System.Reflection;
using CoopLine.Grains;
using CoopLine.Grains.Coupons;
using CoopLine.Grains.Storage;
using CoopLine.Tests.Fixtures;
using Orleans.Serialization;
using Orleans.Serialization.Serializers;

namespace CoopLine.Tests.Compatibility;

/// <summary>What a row is found by, and what silos of two versions call things: changed by accident, data would be lost.</summary>
[NoDatabase]
public sealed class Names_and_keys
{
    private static readonly Assembly Program = typeof(GrainKeys).Assembly;

    private static readonly Type[] GrainClasses =
        [.. Program.GetTypes().Where(type => type.IsSubclassOf(typeof(Grain)) && !type.IsAbstract)];

    private static readonly Type[] Interfaces =
        [.. Program.GetTypes().Where(type => type.IsInterface && type.IsAssignableTo(typeof(IAddressable)))];

    /// <summary>The coupon's grain asks for it by itself.</summary>
    private const string ReadLate = StateNames.Coupon;

    [Fact]
    public void Every_state_name_belongs_to_one_grain_class()
    {
        var states =
            from grain in GrainClasses
            from constructor in grain.GetConstructors()
            from parameter in constructor.GetParameters()
            let state = parameter.GetCustomAttribute<PersistentStateAttribute>()
            where state is not null
            select state;
        var declared = typeof(StateNames).GetFields(BindingFlags.Public | BindingFlags.Static)
            .Where(name => name.Name != nameof(StateNames.Storage)).Select(name => (string)name.GetRawConstantValue()!);

        Assert.Equal(declared.Order(), states.Select(state => state.StateName).Append(ReadLate).Order());
        Assert.All(states, state => Assert.Equal(StateNames.Storage, state.StorageName));
    }

    [Fact]
    public void Every_grain_class_has_a_name_of_its_own()
    {
        var names = GrainClasses.Select(grain => grain.GetCustomAttributesData()
            .SingleOrDefault(one => one.AttributeType == typeof(GrainTypeAttribute))?.ConstructorArguments[0].Value as string);

        Assert.NotEmpty(GrainClasses);
        Assert.All(names, Assert.NotNull);
        Assert.Equal(names.Distinct(), names);
    }

    [Fact]
    public void Every_grain_interface_its_methods_and_every_message_have_a_name_of_their_own()
    {
        var messages = Program.GetTypes().Where(type => type.IsDefined(typeof(GenerateSerializerAttribute), inherit: false)).ToArray();
        var names = Interfaces.Concat(messages).Select(Alias).ToArray();

        Assert.NotEmpty(Interfaces);
        Assert.NotEmpty(messages);
        Assert.All(names, Assert.NotNull);
        Assert.Equal(names.Distinct(), names);
        Assert.All(Interfaces.SelectMany(type => type.GetMethods()), method => Assert.NotNull(Alias(method)));
    }

    [Fact]
    public void Everything_that_grains_say_to_each_other_can_be_sent_to_another_process()
    {
        using var services = new ServiceCollection().AddSerializer(serializer => serializer.AddAssembly(Program)).BuildServiceProvider();
        var codecs = services.GetRequiredService<ICodecProvider>();
        var said = new HashSet<Type>();
        foreach (var method in Interfaces.SelectMany(type => type.GetMethods()))
        {
            Add(method.ReturnType);
            foreach (var parameter in method.GetParameters()) Add(parameter.ParameterType);
        }

        Assert.True(said.Count > 50, $"There are only {said.Count} types.");
        Assert.All(said, type => Assert.NotNull(codecs.GetCodec(type)));

        // With all that it may hold, and all that it may be.
        void Add(Type type)
        {
            foreach (var part in type.GetGenericArguments()) Add(part);
            if (type.GetElementType() is { } element) Add(element);
            if (type == typeof(void) || type.IsAssignableTo(typeof(Task)) || !said.Add(type) || type.Assembly != Program) return;
            foreach (var derived in Program.GetTypes().Where(one => one.BaseType == type)) Add(derived);
            foreach (var held in type.GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(one => one.SetMethod is not null))
                Add(held.PropertyType);
        }
    }

    [Fact]
    public void Every_text_key_begins_with_a_letter_of_its_own_that_no_hexadecimal_number_has()
    {
        var keys = Ask().Keys;

        Assert.All(keys, key => Assert.Matches("^[g-z]-", key));
        Assert.Equal(keys.Select(key => key[0]).Distinct(), keys.Select(key => key[0]));
        Assert.Equal(13, keys.Count);
    }

    [Fact]
    public void A_grain_is_asked_for_by_the_name_of_the_class_that_is_it()
    {
        var names = Ask().Names;

        Assert.Equal(12, names.Count);
        Assert.All(names, name => Assert.Contains(Program.GetTypes(), type =>
            type.GetCustomAttribute<GrainTypeAttribute>()?.GetGrainType(null!, type) == GrainType.Create(name.Type)
            && type.GetInterfaces().Any(one => Alias(one) == name.Interface)));
    }

    [Fact]
    public async Task A_state_is_read_by_the_key_that_its_grain_has()
    {
        var states = new KeptStates();
        await states.Account("1");
        await states.Member("1");
        await states.Coupon("1", "2");
        await states.CouponCode("1");
        var grains = DispatchProxy.Create<IGrainFactory, Asked>();
        grains.Account("1");
        grains.Member("1");
        grains.Coupon("1", "2");
        grains.CouponCode("1");

        Assert.Equal(["u-1", "m-1", "k-1/2", "q-1"], states.Keys);
        Assert.Equal(states.Keys, ((Asked)(object)grains).Keys);
    }

    private static string? Alias(MemberInfo named) => named.GetCustomAttribute<AliasAttribute>(inherit: false)?.Alias;

    /// <summary>Asks for one grain in each way there is.</summary>
    private static Asked Ask()
    {
        var asked = DispatchProxy.Create<IGrainFactory, Asked>();
        foreach (var way in typeof(GrainKeys).GetMethods(BindingFlags.Public | BindingFlags.Static))
        {
            if (way.GetParameters() is not [{ ParameterType: var first }, .. var rest] || first != typeof(IGrainFactory)) continue;
            way.Invoke(null, [asked, .. rest.Select(one => Any(one.ParameterType))]);
        }

        return (Asked)(object)asked;
    }

    private static object Any(Type type) =>
        type == typeof(ReceiptKey) ? new ReceiptKey(new(2026, 11, 22), "0123", "05", "000481")
        : type.IsEnum ? Enum.ToObject(type, 0)
        : "00ab";

    /// <summary>Has no states and remembers the keys.</summary>
    private sealed class KeptStates : IStateReader
    {
        public List<string> Keys { get; } = [];

        public Task<Stored<TState>> Read<TState>(string stateName, string key)
            where TState : class
        {
            Keys.Add(key);
            return Task.FromResult<Stored<TState>>(default);
        }
    }

    /// <summary>A grain factory that has no grains and remembers the keys.</summary>
    public class Asked : DispatchProxy
    {
        public List<string> Keys { get; } = [];

        public List<(string Type, string Interface)> Names { get; } = [];

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            if (args is [string key, ..]) Keys.Add(key);
            if (args is [GrainId grain, GrainInterfaceType type])
            {
                Keys.Add(grain.Key.ToString()!);
                Names.Add((grain.Type.ToString()!, type.ToString()!));
            }

            return null;
        }
    }
}
