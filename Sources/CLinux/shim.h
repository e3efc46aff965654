// What `import Glibc` lacks. No code of our own: declarations only.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/syscall.h>

// The Glibc module is built without _GNU_SOURCE, which hides this one.
extern int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags);

// Of <malloc.h>, whose inclusion here would make other headers' types this module's.
extern int mallopt(int parameter, int value);
extern int malloc_trim(size_t pad);
// Its fields: all bytes, free blocks, small ones, mapped blocks and bytes, unused, small ones' bytes, in use, free, at the end.
struct linux_mallinfo {
    int all, freeBlocks, smallBlocks, mappedBlocks, mapped, unused, smallFree, used, free, last;
};
extern struct linux_mallinfo linux_mallinfo(void) __asm__("mallinfo");

// `send` and `recv` end a thread that is to be cancelled, which costs each call two atomic operations; these do not.
extern ssize_t linux_sendto(
    long number, int socket, const void *bytes, size_t count, int flags, const void *address, socklen_t length
) __asm__("syscall");
extern ssize_t linux_recvfrom(
    long number, int socket, void *bytes, size_t count, int flags, void *address, socklen_t *length
) __asm__("syscall");
#endif

#endif
