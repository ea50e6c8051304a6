namespace Signalbox.Storage.Tests;

public sealed class WriteQueueTests
{
    private const int Max = 1_000;

    [Fact]
    public void A_patient_write_goes_with_the_next_one_that_is_waited_for()
    {
        var queue = new WriteQueue();
        queue.Add(new Write(isPatient: true));
        queue.Add(new Write(isPatient: false));

        Assert.Equal(2, Take(queue));
    }

    [Fact]
    public async Task Patient_writes_wait_for_company_and_then_go_alone()
    {
        var queue = new WriteQueue();
        var taken = Task.Run(() => Take(queue), TestContext.Current.CancellationToken);
        queue.Add(new Write(isPatient: true));
        queue.Add(new Write(isPatient: true));

        Assert.Equal(2, await taken);
    }

    [Fact]
    public void Enough_patient_writes_fill_a_commit()
    {
        var queue = new WriteQueue();
        for (var i = 0; i < WriteQueue.Enough; i++)
        {
            queue.Add(new Write(isPatient: true));
        }

        Assert.Equal(WriteQueue.Enough, Take(queue));
    }

    [Fact]
    public async Task After_a_commit_urgent_writes_wait_for_as_many_as_it_carried()
    {
        var queue = new WriteQueue(reunion: TimeSpan.FromMinutes(5));
        queue.Add(new Write(isPatient: false));
        queue.Add(new Write(isPatient: false));
        Assert.Equal(2, Take(queue));

        // One waits already: with the two that are about to come back it makes three.
        queue.Add(new Write(isPatient: false));
        var taken = Task.Run(() => Take(queue), TestContext.Current.CancellationToken);
        while (!taken.IsCompleted)
        {
            queue.Add(new Write(isPatient: false));
            await Task.Yield();
        }

        Assert.True(await taken >= 3);
    }

    [Fact]
    public void Those_that_do_not_come_back_are_not_waited_for_longer()
    {
        var queue = new WriteQueue();
        queue.Add(new Write(isPatient: false));
        queue.Add(new Write(isPatient: false));
        Assert.Equal(2, Take(queue));

        queue.Add(new Write(isPatient: false));
        Assert.Equal(1, Take(queue));
    }

    [Fact]
    public void What_is_more_than_a_commit_carries_goes_with_the_next()
    {
        var queue = new WriteQueue();
        for (var i = 0; i < 5; i++)
        {
            queue.Add(new Write(isPatient: false));
        }

        Assert.Equal(3, Take(queue, max: 3));
        Assert.Equal(2, Take(queue, max: 3));
    }

    [Fact]
    public void A_completed_queue_hands_over_what_is_left_and_takes_nothing_more()
    {
        var queue = new WriteQueue();
        queue.Add(new Write(isPatient: true));
        queue.Complete();

        Assert.Equal(1, Take(queue));
        Assert.False(queue.TakeGroup([], Max));
        Assert.Throws<InvalidOperationException>(() => queue.Add(new Write(isPatient: false)));
    }

    private static int Take(WriteQueue queue, int max = Max)
    {
        var group = new List<PendingWrite>();
        Assert.True(queue.TakeGroup(group, max));
        return group.Count;
    }

    private sealed class Write(bool isPatient) : PendingWrite
    {
        public override bool IsPatient => isPatient;

        public override void Run(WriteSession session, IReadOnlyList<PendingWrite> peers)
        {
        }

        public override void Complete()
        {
        }

        public override void Fail(Exception exception)
        {
        }
    }
}
