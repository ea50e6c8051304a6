namespace Signalbox.Sandbox.Isolation.SystemCalls;

/// <summary>
/// The calls that no action may make, whatever it is written in, and why. docs/isolation.md shows the same list.
/// Calls of which only some arguments are refused stand in <see cref="SystemCallFilter"/>.
/// </summary>
internal static class DeniedSystemCalls
{
    /// <summary>The last number that was looked at (<c>mseal</c>, Linux 6.10); later ones do not exist for actions.</summary>
    public const int LastReviewed = 462;

    /// <summary>
    /// Refused where memory is watched from outside, for want of control groups: what is kept in such memory is in no
    /// process's account while nobody maps it.
    /// </summary>
    public static readonly DeniedGroup UnwatchedMemory = new("memory that no process's account shows", [new("memfd_create", 319, 279), new("shmget", 29, 194)]);

    public static readonly IReadOnlyList<DeniedGroup> Groups =
    [
        new("what the sandbox sees of the file system is set before it starts",
        [
            new("mount", 165, 40), new("umount2", 166, 39), new("pivot_root", 155, 41), new("chroot", 161, 51),
            new("move_mount", 429), new("open_tree", 428), new("fsopen", 430), new("fsconfig", 431), new("fsmount", 432),
            new("fspick", 433), new("mount_setattr", 442), new("statmount", 457), new("listmount", 458),
        ]),
        new("a namespace of its own would give back capabilities over much of the kernel",
        [
            new("unshare", 272, 97), new("setns", 308, 268),
        ]),
        new("reads or steers another process, or takes its descriptors",
        [
            new("ptrace", 101, 117), new("process_vm_readv", 310, 270), new("process_vm_writev", 311, 271),
            new("process_madvise", 440), new("process_mrelease", 448), new("pidfd_getfd", 438), new("kcmp", 312, 272),
        ]),
        new("large parts of the kernel that faults are found in again and again, and that no runtime needs",
        [
            new("bpf", 321, 280), new("perf_event_open", 298, 241), new("userfaultfd", 323, 282),
            new("io_uring_setup", 425), new("io_uring_enter", 426), new("io_uring_register", 427),
            new("vmsplice", 278, 75), new("remap_file_pages", 216, 234), new("modify_ldt", 154, null), new("memfd_secret", 447),
        ]),
        new("the kernel's key rings are not divided by namespace",
        [
            new("add_key", 248, 217), new("request_key", 249, 218), new("keyctl", 250, 219),
        ]),
        new("opens files by number, past every path, or watches whole file systems",
        [
            new("open_by_handle_at", 304, 265), new("name_to_handle_at", 303, 264), new("fanotify_init", 300, 262),
            new("fanotify_mark", 301, 263), new("lookup_dcookie", 212, 18),
        ]),
        new("loads code into the kernel, or replaces it",
        [
            new("init_module", 175, 105), new("finit_module", 313, 273), new("delete_module", 176, 106),
            new("create_module", 174, null), new("query_module", 178, null), new("get_kernel_syms", 177, null),
            new("kexec_load", 246, 104), new("kexec_file_load", 320, 294),
        ]),
        new("acts on the whole machine: power, swap, clocks, names, accounts, its log, its hardware",
        [
            new("reboot", 169, 142), new("swapon", 167, 224), new("swapoff", 168, 225), new("acct", 163, 89),
            new("quotactl", 179, 60), new("quotactl_fd", 443), new("syslog", 103, 116), new("settimeofday", 164, 170),
            new("clock_settime", 227, 112), new("clock_adjtime", 305, 266), new("adjtimex", 159, 171),
            new("sethostname", 170, 161), new("setdomainname", 171, 162), new("vhangup", 153, 58),
            new("iopl", 172, null), new("ioperm", 173, null), new("migrate_pages", 256, 238), new("move_pages", 279, 239),
            new("set_mempolicy_home_node", 450), new("lsm_get_self_attr", 459), new("lsm_set_self_attr", 460),
            new("lsm_list_modules", 461),
        ]),
        new("left over from earlier kernels",
        [
            new("uselib", 134, null), new("ustat", 136, null), new("sysfs", 139, null), new("_sysctl", 156, null),
            new("nfsservctl", 180, 42), new("afs_syscall", 183, null), new("tuxcall", 184, null), new("security", 185, null),
            new("getpmsg", 181, null), new("putpmsg", 182, null), new("vserver", 236, null), new("epoll_ctl_old", 214, null),
            new("epoll_wait_old", 215, null),
        ]),
    ];
}
