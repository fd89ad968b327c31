/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * sink.h - the far end of a transfer: a TCP server that takes bytes and counts them, or makes bytes and sends them, as
 * the first 24 bytes of each connection ask; then it replies what it did. Whoever is measured inherits a socket on
 * which the request is already made, and leaves the reply to its parent, so that neither is among its calls.
 *
 * Functions return 0 or a negative errno unless said otherwise, and print nothing.
 */
#ifndef ZCTRACE_SINK_H
#define ZCTRACE_SINK_H

#include <stdint.h>
#include <sys/socket.h>
#include <sys/types.h>

enum sink_op {
	SINK_DRAIN = 1, /* the peer sends; bytes are counted */
	SINK_CHECK = 2, /* the same, and a checksum is made of them */
	SINK_SEND = 3,	/* the sink sends bytes made up in memory */
};

struct sink_reply {
	uint64_t bytes;
	uint64_t checksum; /* of SINK_CHECK, else 0; as sink__checksum */
};

/* Serves every address of this machine for ever, a process per connection. Returns only on failure. */
int sink__serve(uint16_t port);
/* Starts a sink on 127.0.0.1 as a child that dies with the caller; *port gets its port. sink__stop ends and reaps it.
 */
int sink__start(uint16_t *port, pid_t *pid);
void sink__stop(pid_t pid); /* takes 0 */

/* The near end. A connected socket, whose calls give up with EAGAIN after a minute of silence, or a negative errno. */
int sink__connect(const struct sockaddr *addr, socklen_t len);
int sink__request(int fd, enum sink_op op, uint64_t bytes);
/* Waits for what the sink has to say; to be called once all bytes are sent (or the sending side is shut) or received.
 */
int sink__wait_reply(int fd, struct sink_reply *ret);

/* Checksum of a stream, fed in any pieces; start with {0}. */
struct sink_checksum {
	uint64_t sum, word;
	unsigned int n_bytes; /* in word */
};
void sink__checksum_add(struct sink_checksum *c, const void *mem, size_t len);
uint64_t sink__checksum(const struct sink_checksum *c);

#endif
