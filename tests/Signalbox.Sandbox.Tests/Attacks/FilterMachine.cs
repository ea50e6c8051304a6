using Signalbox.Sandbox.Isolation.SystemCalls;

namespace Signalbox.Sandbox.Tests.Attacks;

/// <summary>Runs a filter as the kernel would, for processors that this machine does not have.</summary>
internal static class FilterMachine
{
    public const uint Allow = 0x7FFF0000;
    public const uint Kill = 0x80000000;

    public static uint Error(int number) => 0x00050000 | (uint)number;

    public static uint Run(IReadOnlyList<FilterInstruction> program, FilterArchitecture architecture, uint number, params uint[] arguments)
    {
        uint accumulator = 0;
        for (var at = 0; ; at++)
        {
            var instruction = program[at];
            switch (instruction.Code)
            {
                case FilterInstruction.Load:
                    accumulator = instruction.Value switch
                    {
                        0 => number,
                        4 => (uint)architecture,
                        var offset => arguments.ElementAtOrDefault((int)(offset - 16) / 8),
                    };
                    break;
                case FilterInstruction.Return:
                    return instruction.Value;
                default:
                    var jumps = instruction.Code switch
                    {
                        FilterInstruction.JumpEqual => accumulator == instruction.Value,
                        FilterInstruction.JumpGreater => accumulator > instruction.Value,
                        FilterInstruction.JumpGreaterOrEqual => accumulator >= instruction.Value,
                        FilterInstruction.JumpAnyBit => (accumulator & instruction.Value) != 0,
                        _ => throw new InvalidOperationException($"No instruction {instruction.Code:x}."),
                    };
                    at += jumps ? instruction.JumpTrue : instruction.JumpFalse;
                    break;
            }
        }
    }
}
