"""The filter, run by an interpreter of its own: what it says of every call, on both machines that it is written for."""

import os
import re
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest

from harness.worker import seccomp

ALLOW, KILL, EPERM, ENOSYS = 0x7FFF0000, 0x80000000, 0x00050001, 0x00050026
ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
MACHINES = list(ARCHITECTURES)
PID = 4321
CLONE_THREAD, CLONE_VM = 0x10000, 0x100


def verdict(
    machine: str, number: int, first: int = 0, second: int = 0, third: int = 0, *, architecture: int | None = None
) -> int:
    """Run the program as the kernel would: classic BPF, over `struct seccomp_data`."""
    filter = seccomp.Filter(machine)
    filter.make_own(1)
    filter.make_own(PID)  # the last one counts
    program = filter.program.raw
    steps = [struct.unpack_from("HBBI", program, offset) for offset in range(0, len(program), 8)]
    arch = ARCHITECTURES[machine] if architecture is None else architecture
    data = struct.pack("<IIQ6Q", number, arch, 0, first, second, third, 0, 0, 0)
    accumulator = at = 0
    while True:
        code, if_true, if_false, value = steps[at]
        at += 1
        match code:
            case 0x20:  # load a word
                (accumulator,) = struct.unpack_from("<I", data, value)
            case 0x54:
                accumulator &= value
            case 0x15:
                at += if_true if accumulator == value else if_false
            case 0x35:
                at += if_true if accumulator >= value else if_false
            case 0x45:
                at += if_true if accumulator & value else if_false
            case 0x06:
                return int(value)
            case _:
                raise AssertionError(f"unknown instruction {code:#x}")


def numbers(machine: str) -> Mapping[str, int]:
    """System calls by name, from the kernel's own headers."""
    if machine == "x86_64":
        path, pattern = Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"), r"#define __NR_(\w+)\s+(\d+)"
    else:
        path, pattern = Path("/usr/include/asm-generic/unistd.h"), r"#define __NR(?:3264)?_(\w+)\s+(\d+)"
    if not path.exists():
        pytest.skip("the kernel's headers are not installed")
    return {name: int(number) for name, number in re.findall(pattern, path.read_text())}


@pytest.mark.parametrize("machine", MACHINES)
def test_every_number_is_the_kernels(machine: str) -> None:
    known = numbers(machine)
    column = MACHINES.index(machine)
    table = {**seccomp.REFUSED, **seccomp.NOT_THERE, **{name: rule.numbers for name, rule in seccomp.RULES.items()}}
    assert len(table) == len(seccomp.REFUSED) + len(seccomp.NOT_THERE) + len(seccomp.RULES)
    ours = {name: pair[column] for name, pair in table.items() if pair[column] is not None}
    assert ours == {name: known[name] for name in ours}
    assert not any(name in known for name, pair in table.items() if pair[column] is None)


@pytest.mark.parametrize("machine", MACHINES)
def test_what_is_on_the_list_is_refused_and_nothing_else(machine: str) -> None:
    column = MACHINES.index(machine)
    refused = {pair[column] for pair in seccomp.REFUSED.values()}
    not_there = {pair[column] for pair in seccomp.NOT_THERE.values()}
    by_argument = {rule.numbers[column] for rule in seccomp.RULES.values()}
    assert (refused & not_there) | ((refused | not_there) & by_argument) <= {None}
    for number in set(range(seccomp.UNKNOWN_FROM)) - by_argument:
        wanted = EPERM if number in refused else ENOSYS if number in not_there else ALLOW
        assert verdict(machine, number) == wanted, number


@pytest.mark.parametrize("machine", MACHINES)
def test_what_was_made_after_the_list_is_not_there(machine: str) -> None:
    for number in [*range(seccomp.UNKNOWN_FROM, 1200), 0x10000, 0x3FFFFFFF]:
        assert verdict(machine, number) == ENOSYS
    assert seccomp.UNKNOWN_FROM - 1 in numbers(machine).values()  # else one was added without a look at those before


@pytest.mark.parametrize("machine", MACHINES)
def test_threads_may_be_made_and_processes_not(machine: str) -> None:
    clone, clone3 = (numbers(machine)[name] for name in ("clone", "clone3"))
    assert verdict(machine, clone, CLONE_VM | CLONE_THREAD) == ALLOW
    assert verdict(machine, clone, CLONE_VM) == EPERM
    assert verdict(machine, clone, 17) == EPERM
    assert verdict(machine, clone, CLONE_THREAD << 32) == EPERM  # the kernel looks at the lower half alone
    assert verdict(machine, clone3) == ENOSYS


@pytest.mark.parametrize("machine", MACHINES)
def test_no_file_is_emptied_by_opening_it_to_read(machine: str) -> None:
    known = numbers(machine)
    calls = {known["openat"]: "third"} | ({known["open"]: "second"} if "open" in known else {})
    for number, argument in calls.items():
        for flags in (os.O_RDONLY, os.O_WRONLY, os.O_RDWR, os.O_WRONLY | os.O_TRUNC, os.O_RDWR | os.O_TRUNC):
            assert verdict(machine, number, **{argument: flags | os.O_CREAT | os.O_CLOEXEC}) == ALLOW
        for more in (0, os.O_CREAT, os.O_CLOEXEC | 1 << 40):
            assert verdict(machine, number, **{argument: os.O_RDONLY | os.O_TRUNC | more}) == EPERM
            # The access mode that is for neither reading nor writing, which no version of Landlock asks about.
            assert verdict(machine, number, **{argument: os.O_ACCMODE | os.O_TRUNC | more}) == EPERM
            assert verdict(machine, number, **{argument: os.O_ACCMODE | more}) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("name", ["kill", "tgkill"])
def test_signals_are_for_oneself(machine: str, name: str) -> None:
    number = numbers(machine)[name]
    assert verdict(machine, number, PID) == ALLOW
    for other in (0, 1, PID + 1, 2**32 - 1, 2**64 - 1, 2**64 - PID):
        assert verdict(machine, number, other) == EPERM


@pytest.mark.parametrize("machine", MACHINES)
def test_no_command_makes_the_kernel_send_a_signal(machine: str) -> None:
    fcntl, ioctl = (numbers(machine)[name] for name in ("fcntl", "ioctl"))
    for command in range(32):
        refused = command in (8, 10, 15)
        assert verdict(machine, fcntl, 3, command) == (EPERM if refused else ALLOW), command
        assert verdict(machine, fcntl, 3, command | 1 << 32) == (EPERM if refused else ALLOW)
    for command in (0x8901, 0x8902, 0x5412, 0x541C):
        assert verdict(machine, ioctl, 3, command) == EPERM
    for command in (0x5401, 0x5411, 0x5413, 0x541B, 0x541D, 0x5421, 0x8900, 0x8903, 0):
        assert verdict(machine, ioctl, 3, command) == ALLOW


@pytest.mark.parametrize("machine", MACHINES)
def test_another_machines_calls_end_the_process(machine: str) -> None:
    """Else a program could make the same calls by the numbers of the 32-bit interface."""
    for architecture in (0x40000003, 0x40000028, 0):
        assert verdict(machine, 0, architecture=architecture) == KILL


def test_the_x32_interface_is_refused_whole() -> None:
    for number in (0x40000000, 0x40000001, 0x4000003B, 0xFFFFFFFF):
        assert verdict("x86_64", number) == EPERM


#: The doors that SECURITY.md says are shut by it.
PROMISED = """
    execve execveat fork vfork socket connect bind ptrace process_vm_readv pidfd_open unshare setns mount
    io_uring_setup bpf keyctl shmget msgget semget mq_open memfd_create userfaultfd perf_event_open chroot
    kexec_load reboot sched_setscheduler fchmod fchmodat fchown fchownat utimensat setxattr fsetxattr truncate
    msgctl msgrcv shmctl semctl mq_unlink inotify_init1
"""


@pytest.mark.parametrize("name", PROMISED.split())
def test_what_the_documentation_promises_is_on_the_list(name: str) -> None:
    assert name in seccomp.REFUSED
