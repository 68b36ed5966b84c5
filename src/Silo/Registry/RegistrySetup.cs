using CoopLine.Grains.Registry;

namespace CoopLine.Silo.Registry;

internal static class RegistrySetup
{
    extension(IServiceCollection services)
    {
        /// <summary>Needs the database (<c>AddStorage</c>), <see cref="RegistryHashes"/>, the co-op's time and the clock.</summary>
        public void AddRegistry()
        {
            services.AddOptions<RegistryOptions>()
                .BindConfiguration("CoopLine:Registry").ValidateDataAnnotations().ValidateOnStart();
            services.AddSingleton<IRegistry, MemberRegistry>();
            services.AddSingleton<IRegistryImport, RegistryImport>();
        }
    }
}
