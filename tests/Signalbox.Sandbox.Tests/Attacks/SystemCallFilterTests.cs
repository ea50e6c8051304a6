using Signalbox.Sandbox.Isolation.SystemCalls;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>The filter's verdicts, on both processors.</summary>
public sealed class SystemCallFilterTests
{
    private const int NotPermitted = 1;
    private const int NoSuchCall = 38;
    private const int ProtocolNotSupported = 93;
    private const int FamilyNotSupported = 97;

    public static TheoryData<uint> Architectures => new((uint)FilterArchitecture.X64, (uint)FilterArchitecture.Arm64);

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Each_listed_call_is_refused_and_its_neighbours_are_not(uint value)
    {
        var architecture = (FilterArchitecture)value;
        var program = SystemCallFilter.For(architecture);
        var denied = DeniedSystemCalls.Groups.SelectMany(group => group.Calls).Select(call => call.Number(architecture)).OfType<int>().ToHashSet();
        Assert.True(denied.Count > 60);
        int[] examined = architecture == FilterArchitecture.X64 ? [16, 41, 53, 56, 135, 435] : [29, 198, 199, 220, 92, 435];
        for (var number = 0; number <= DeniedSystemCalls.LastReviewed; number++)
        {
            if (!examined.Contains(number))
            {
                var expected = denied.Contains(number) ? FilterMachine.Error(NotPermitted) : FilterMachine.Allow;
                Assert.Equal((number, expected), (number, FilterMachine.Run(program, architecture, (uint)number)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Memory_that_no_account_shows_is_refused_where_memory_is_watched(uint value)
    {
        var architecture = (FilterArchitecture)value;
        Assert.All(DeniedSystemCalls.UnwatchedMemory.Calls.Select(call => (uint)call.Number(architecture)!), number =>
        {
            Assert.Equal(FilterMachine.Allow, FilterMachine.Run(SystemCallFilter.For(architecture), architecture, number));
            Assert.Equal(FilterMachine.Error(NotPermitted), FilterMachine.Run(SystemCallFilter.For(architecture, watchesMemory: true), architecture, number));
        });
    }

    [Theory]
    [MemberData(nameof(Architectures))]
    public void Calls_that_came_after_the_list_do_not_exist(uint value)
    {
        var architecture = (FilterArchitecture)value;
        Assert.Equal(
            FilterMachine.Error(NoSuchCall), FilterMachine.Run(SystemCallFilter.For(architecture), architecture, DeniedSystemCalls.LastReviewed + 1));
    }

    [Fact]
    public void Calls_of_another_processor_end_the_process()
    {
        var program = SystemCallFilter.For(FilterArchitecture.X64);
        const FilterArchitecture i386 = (FilterArchitecture)0x40000003;
        Assert.Equal(FilterMachine.Kill, FilterMachine.Run(program, i386, 1));
        Assert.Equal(FilterMachine.Kill, FilterMachine.Run(program, FilterArchitecture.Arm64, 1));
        // The x32 numbering: the first bit of its own above the common numbers.
        Assert.Equal(FilterMachine.Kill, FilterMachine.Run(program, FilterArchitecture.X64, 0x40000000 | 1));
    }

    [Theory]
    [InlineData(56, 220, new uint[] { 0x10000000 }, NotPermitted)] // clone with a user namespace
    [InlineData(56, 220, new uint[] { 0x00020000 | 17 }, NotPermitted)] // clone with a mount namespace
    [InlineData(56, 220, new uint[] { 0x003D0F00 }, 0)] // a thread, as the C library makes it
    [InlineData(56, 220, new uint[] { 0x01200011 }, 0)] // a process, as the C library makes it
    [InlineData(435, 435, new uint[] { }, NoSuchCall)] // clone3
    [InlineData(135, 92, new uint[] { 0xFFFFFFFF }, 0)] // which personality?
    [InlineData(135, 92, new uint[] { 0x0040000 }, NotPermitted)] // no address randomization
    [InlineData(16, 29, new uint[] { 1, 0x5412 }, NotPermitted)] // type into the terminal
    [InlineData(16, 29, new uint[] { 1, 0x541C }, NotPermitted)] // the console's selection
    [InlineData(16, 29, new uint[] { 1, 0x5413 }, 0)] // the terminal's size
    [InlineData(41, 198, new uint[] { 1, 1, 0 }, 0)] // local
    [InlineData(41, 198, new uint[] { 2, 1, 6 }, 0)] // TCP
    [InlineData(41, 198, new uint[] { 10, 2, 17 }, 0)] // UDP over IPv6
    [InlineData(41, 198, new uint[] { 2, 1, 132 }, ProtocolNotSupported)] // SCTP
    [InlineData(41, 198, new uint[] { 2, 3, 1 }, ProtocolNotSupported)] // raw
    [InlineData(41, 198, new uint[] { 16, 3, 0 }, 0)] // routing
    [InlineData(41, 198, new uint[] { 16, 3, 12 }, ProtocolNotSupported)] // packet filter
    [InlineData(41, 198, new uint[] { 17, 3, 0 }, FamilyNotSupported)] // packets
    [InlineData(41, 198, new uint[] { 40, 1, 0 }, FamilyNotSupported)] // the hypervisor
    [InlineData(41, 198, new uint[] { 38, 5, 0 }, FamilyNotSupported)] // the kernel's ciphers
    [InlineData(53, 199, new uint[] { 1, 1, 0 }, 0)]
    [InlineData(53, 199, new uint[] { 30, 1, 0 }, FamilyNotSupported)] // cluster messages
    public void Some_calls_depend_on_their_arguments(uint x64, uint arm64, uint[] arguments, int error)
    {
        var expected = error == 0 ? FilterMachine.Allow : FilterMachine.Error(error);
        Assert.Equal(expected, FilterMachine.Run(SystemCallFilter.For(FilterArchitecture.X64), FilterArchitecture.X64, x64, arguments));
        Assert.Equal(expected, FilterMachine.Run(SystemCallFilter.For(FilterArchitecture.Arm64), FilterArchitecture.Arm64, arm64, arguments));
    }
}
