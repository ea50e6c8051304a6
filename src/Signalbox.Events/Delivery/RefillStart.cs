namespace Signalbox.Events.Delivery;

/// <summary>What a read for a lane is to bring.</summary>
/// <param name="Room">How many rows memory has room for.</param>
/// <param name="Held">How many of the lane's rows may be in memory already.</param>
/// <param name="After">Where an earlier read stopped; null: the read begins with the first due row.</param>
internal readonly record struct RefillStart(int Room, int Held, DuePlace? After)
{
    /// <summary>How many rows to ask for. Behind the place where an earlier read stopped, memory holds none.</summary>
    public int Rows => After is null ? Room + Held : Room;
}
