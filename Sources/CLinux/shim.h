// What `import Glibc` lacks. No code of our own: declarations only.
#ifndef CLINUX_SHIM_H
#define CLINUX_SHIM_H

#ifdef __linux__
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/socket.h>

// The Glibc module is built without _GNU_SOURCE, which hides this one.
extern int accept4(int fd, struct sockaddr *restrict address, socklen_t *restrict length, int flags);
#endif

#endif
