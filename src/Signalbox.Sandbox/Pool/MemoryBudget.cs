namespace Signalbox.Sandbox.Pool;

/// <summary>The memory that all processes may take together, by their limits.</summary>
internal sealed class MemoryBudget
{
    private readonly int _totalMb;
    private int _freeMb;

    public MemoryBudget(int totalMb)
    {
        _totalMb = totalMb;
        _freeMb = totalMb;
    }

    public int TotalMb => _totalMb;

    public bool TryReserve(int memoryMb)
    {
        while (true)
        {
            var free = Volatile.Read(ref _freeMb);
            if (free < memoryMb)
            {
                return false;
            }

            if (Interlocked.CompareExchange(ref _freeMb, free - memoryMb, free) == free)
            {
                return true;
            }
        }
    }

    public void Release(int memoryMb) => Interlocked.Add(ref _freeMb, memoryMb);
}
