"""Structures of Solaris and FreeBSD typed anew in C from names and sizes: a compiler says where their members are.

Neither system is here. Only the order and the types are the systems'; the words are ours.
"""

from __future__ import annotations

__all__ = ["FREEBSD", "SOLARIS"]

SOLARIS = """
typedef int i32;
typedef unsigned u32;
typedef long native;
typedef struct { unsigned words[4]; } mask;
typedef struct { native seconds, nanoseconds; } moment;
struct siginfo {
    i32 si_signo, si_code, si_errno;
#ifdef __LP64__
    i32 si_pad;
#endif
    union {
        char bytes[sizeof(native) == 8 ? 256 - 16 : 128 - 12];
        struct {
            i32 pid;
            union {
                struct { u32 uid; union { i32 number; void *pointer; } value; } kill;
                struct { native utime; i32 status; native stime; } cld;
            } what;
            i32 ctid, zoneid;
        } proc;
        struct { void *addr; i32 trapno; void *pc; } fault;
        struct { i32 fd; native band; } file;
        struct {
            void *faddr; moment tstamp; short syscall; char nsysarg, fault; native sysarg[8]; i32 mstate[10];
        } prof;
        struct { i32 entity; } rctl;
    } data;
};
typedef struct { void *ss_sp; unsigned long ss_size; i32 ss_flags; } stack;
#ifdef __LP64__
typedef unsigned __int128 wide;
typedef struct { native r[28]; } gregset;
union fpregset {
    struct {
        unsigned short cwd, swd, twd, fop;
        unsigned long rip, rdp;
        u32 mxcsr, mxcsr_mask;
        wide st[8], xmm[16];
        unsigned char reserved[48], reserved2[48];
        u32 status, xstatus;
    } state;
    u32 words[130];
};
#else
typedef struct { u32 part[4]; } wide;
typedef struct { native r[19]; } gregset;
union fpregset {
    struct {
        u32 cw, sw, tag, ipoff, cssel, dataoff, datasel;
        struct { unsigned short part[5]; } st[8];
        u32 status, mxcsr, xstatus, pad[2];
        wide xmm[8];
    } state;
    u32 words[95];
};
#endif
struct ucontext {
    unsigned long uc_flags;
    struct ucontext *uc_link;
    mask uc_sigmask;
    stack uc_stack;
    struct { native gregs[sizeof(gregset) / sizeof(native)]; union fpregset fpregs; } uc_mcontext;
    void *uc_brand_data[3];
    native uc_filler[2];
};
#ifdef __LP64__
struct whole_frame {
    void *retaddr; native signo; void *sip;
    char ucontext[sizeof(struct ucontext)];
    char siginfo[sizeof(struct siginfo)];
};
#else
struct whole_frame {
    void *retaddr; u32 signo; void *sip, *ucp;
    struct ucontext ucontext;
    struct siginfo siginfo;
};
#endif
"""
"""C for both word sizes: ``struct siginfo``, ``struct ucontext``, ``gregset``, ``union fpregset``, ``whole_frame``."""

FREEBSD = """
typedef int i32;
struct siginfo {
    i32 si_signo, si_errno, si_code, si_pid;
    unsigned si_uid;
    i32 si_status;
    void *si_addr;
    union { i32 number; void *pointer; } si_value;
    union {
        struct { i32 trapno; } fault;
        struct { i32 timerid, overrun; } timer;
        struct { i32 mqd; } mesgq;
        struct { long band; } poll;
        struct { long first; i32 rest[7]; } spare;
    } reason;
};
"""
"""C for FreeBSD's flat ``struct siginfo``."""
