"""What a process can no longer do once it is caged: reach a network, start or end a program, see files that are not its own.

Three layers, each of which holds alone: limits of the kernel on memory, time and files (``setrlimit``), a filter of system
calls (seccomp) and a list of folders (Landlock). None needs root. Where a kernel has not the last two, :func:`cage` says so.
"""

from __future__ import annotations

import ctypes
import os
import platform
import resource
import struct
from collections.abc import Iterable
from pathlib import Path

MEMORY_BYTES = 3 * 2**30
CPU_SECONDS = 25
FILE_BYTES = 256 * 2**20
OPEN_FILES = 128

PR_SET_NO_NEW_PRIVS, SECCOMP_SET_MODE_FILTER, TSYNC = 38, 1, 1
ALLOW, KILL, REFUSE = 0x7FFF0000, 0x80000000, 0x00050000 | 1  # REFUSE: EPERM
LOAD, EQUAL, RETURN = 0x20, 0x15, 0x06

REFUSED = {
    "x86_64": (
        0xC000003E, 317,
        # socket connect sendto bind listen execve ptrace mount unshare open_by_handle_at setns process_vm_readv/writev
        # bpf execveat userfaultfd io_uring_setup pidfd_getfd, kill rt_sigqueueinfo tkill tgkill rt_tgsigqueueinfo
        # pidfd_send_signal
        (41, 42, 44, 49, 50, 59, 101, 165, 272, 304, 308, 310, 311, 321, 322, 323, 425, 438, 62, 129, 200, 234, 297, 424),
    ),
    "aarch64": (
        0xC00000B7, 277,
        (198, 203, 206, 200, 201, 221, 117, 40, 97, 265, 268, 270, 271, 280, 281, 282, 425, 438, 129, 138, 130, 131, 240, 424),
    ),
}  # fmt: skip

LANDLOCK_CREATE, LANDLOCK_ADD, LANDLOCK_RESTRICT = 444, 445, 446
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
READING = READ_FILE | READ_DIR | EXECUTE
BY_ABI = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 4: (1 << 15) - 1}
"""Rights over files that each version of Landlock knows; all are taken away, some given back."""

LIBC = ctypes.CDLL(None, use_errno=True)


def limit() -> None:
    """Memory, processor seconds, size and number of files; no core dump."""
    for what, most in (
        (resource.RLIMIT_AS, MEMORY_BYTES),
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_FSIZE, FILE_BYTES),
        (resource.RLIMIT_NOFILE, OPEN_FILES),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (most, most))


def cage(writable: Path, readable: Iterable[Path]) -> list[str]:
    """Apply all layers to this process, for good. Returns what this kernel could not do."""
    limit()
    missing = []
    if LIBC.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0:
        return ["seccomp", "landlock"]
    if not _folders(writable, readable):
        missing.append("landlock")
    if not _calls():
        missing.append("seccomp")
    return missing


def _calls() -> bool:
    known = REFUSED.get(platform.machine())
    if known is None:
        return False
    architecture, seccomp, numbers = known
    program = [(LOAD, 0, 0, 4), (EQUAL, 1, 0, architecture), (RETURN, 0, 0, KILL), (LOAD, 0, 0, 0)]
    if platform.machine() == "x86_64":  # the x32 calls, numbered from 2**30, would slip through
        program += [(0x35, 0, 1, 1 << 30), (RETURN, 0, 0, KILL)]
    for i, number in enumerate(numbers):
        program.append((EQUAL, len(numbers) - i, 0, number))
    program += [(RETURN, 0, 0, ALLOW), (RETURN, 0, 0, REFUSE)]
    code = b"".join(struct.pack("HBBI", *line) for line in program)
    held = ctypes.create_string_buffer(code)
    header = struct.pack("HxxxxxxP", len(program), ctypes.addressof(held))
    return bool(LIBC.syscall(seccomp, SECCOMP_SET_MODE_FILTER, TSYNC, ctypes.create_string_buffer(header)) == 0)


def _folders(writable: Path, readable: Iterable[Path]) -> bool:
    abi = LIBC.syscall(LANDLOCK_CREATE, None, ctypes.c_size_t(0), 1)
    if abi < 1:
        return False
    everything = BY_ABI.get(min(abi, 4), BY_ABI[4])
    attributes = ctypes.create_string_buffer(struct.pack("Q", everything))
    ruleset = LIBC.syscall(LANDLOCK_CREATE, attributes, ctypes.c_size_t(8), 0)
    if ruleset < 0:
        return False
    try:
        for folder, rights in [(writable, everything & ~EXECUTE), *((f, READING) for f in readable)]:
            if not folder.exists():
                continue
            opened = os.open(folder, os.O_PATH | os.O_CLOEXEC)
            try:
                allowed = rights if folder.is_dir() else rights & (READ_FILE | WRITE_FILE | EXECUTE)
                rule = ctypes.create_string_buffer(struct.pack("=Qi", allowed, opened))
                if LIBC.syscall(LANDLOCK_ADD, ruleset, 1, rule, 0) != 0:
                    return False
            finally:
                os.close(opened)
        return bool(LIBC.syscall(LANDLOCK_RESTRICT, ruleset, 0) == 0)
    finally:
        os.close(ruleset)
