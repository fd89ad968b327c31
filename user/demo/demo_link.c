/* SPDX-License-Identifier: GPL-2.0-only */
/*
 * demo_link.c - which interface a connected socket's bytes leave by. By asking the routing table for the peer, not by
 * the socket's own address: what is sent to an address of this machine goes over loopback whatever that address is.
 */
#define _GNU_SOURCE 1

#include <arpa/inet.h>
#include <errno.h>
#include <glob.h>
#include <limits.h>
#include <linux/ethtool.h>
#include <linux/rtnetlink.h>
#include <linux/sockios.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "demo_path.h"

#define MAX_LAYERS 8

struct route_request {
	struct nlmsghdr header;
	struct rtmsg route;
	char attributes[128];
};

static void add_attribute(struct route_request *q, unsigned short type, const void *value, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)q + NLMSG_ALIGN(q->header.nlmsg_len));

	a->rta_type = type;
	a->rta_len = RTA_LENGTH(len);
	memcpy(RTA_DATA(a), value, len);
	q->header.nlmsg_len = NLMSG_ALIGN(q->header.nlmsg_len) + RTA_SPACE(len);
}

static int fill_request(struct route_request *q, const struct sockaddr_storage *peer)
{
	const struct sockaddr_in *v4 = (const struct sockaddr_in *)peer;
	const struct sockaddr_in6 *v6 = (const struct sockaddr_in6 *)peer;

	*q = (struct route_request){
		.header = {.nlmsg_len = NLMSG_LENGTH(sizeof(q->route)),
			   .nlmsg_type = RTM_GETROUTE,
			   .nlmsg_flags = NLM_F_REQUEST},
		.route = {.rtm_family = peer->ss_family},
	};
	if (peer->ss_family == AF_INET) {
		q->route.rtm_dst_len = 32;
		add_attribute(q, RTA_DST, &v4->sin_addr, sizeof(v4->sin_addr));
	} else if (peer->ss_family == AF_INET6) {
		q->route.rtm_dst_len = 128;
		add_attribute(q, RTA_DST, &v6->sin6_addr, sizeof(v6->sin6_addr));
		if (v6->sin6_scope_id)
			add_attribute(q, RTA_OIF, &v6->sin6_scope_id, sizeof(uint32_t));
	} else {
		return -EAFNOSUPPORT;
	}
	return 0;
}

/* Index of the interface, or a negative errno. */
static int ask_route(int netlink, const struct route_request *q)
{
	_Alignas(struct nlmsghdr) char answer[4096];
	const struct nlmsghdr *h = (const struct nlmsghdr *)answer;
	const struct rtattr *a;
	ssize_t n;
	int len;

	if (send(netlink, q, q->header.nlmsg_len, 0) < 0 || (n = recv(netlink, answer, sizeof(answer), 0)) < 0)
		return -errno;
	if (!NLMSG_OK(h, (size_t)n))
		return -EPROTO;
	if (h->nlmsg_type == NLMSG_ERROR)
		return ((const struct nlmsgerr *)NLMSG_DATA(h))->error;
	len = (int)RTM_PAYLOAD(h);
	for (a = RTM_RTA((const struct rtmsg *)NLMSG_DATA(h)); RTA_OK(a, len); a = RTA_NEXT(a, len))
		if (a->rta_type == RTA_OIF)
			return *(const int *)RTA_DATA(a);
	return -ENETUNREACH;
}

static int find_interface(const struct sockaddr_storage *peer)
{
	int netlink = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	struct route_request q;
	int ret;

	if (netlink < 0)
		return -errno;
	ret = fill_request(&q, peer);
	if (!ret)
		ret = ask_route(netlink, &q);
	close(netlink);
	return ret;
}

static void find_driver(struct demo_path *path)
{
	char link[PATH_MAX], dir[128];
	const char *name;
	ssize_t n;

	snprintf(dir, sizeof(dir), "/sys/class/net/%s/device/driver", path->interface);
	n = readlink(dir, link, sizeof(link) - 1);
	if (n < 0)
		return;
	link[n] = '\0';
	name = strrchr(link, '/');
	snprintf(path->driver, sizeof(path->driver), "%.63s", name ? name + 1 : link);
}

static bool has_physical_parent(const char *interface)
{
	char path[64];

	snprintf(path, sizeof(path), "/sys/class/net/%s/device", interface);
	return access(path, F_OK) == 0;
}

/* vlan, bond, bridge: frames go on to the interface beneath; of several, the first. */
static void follow_beneath(char interface[IF_NAMESIZE])
{
	for (int i = 0; i < MAX_LAYERS && !has_physical_parent(interface); i++) {
		char path[64];
		glob_t g = {0};

		snprintf(path, sizeof(path), "/sys/class/net/%s/lower_*", interface);
		if (glob(path, 0, NULL, &g) == 0)
			snprintf(interface, IF_NAMESIZE, "%.15s", strstr(g.gl_pathv[0], "/lower_") + strlen("/lower_"));
		globfree(&g);
	}
}

int demo_path__find_link(struct demo_path *path, int sock_fd)
{
	struct ethtool_value sg = {.cmd = ETHTOOL_GSG};
	struct ifreq flags = {0}, feature = {.ifr_data = (char *)&sg};
	struct sockaddr_storage peer = {0};
	socklen_t len = sizeof(peer);
	int index;

	path->driver[0] = '\0';
	if (getpeername(sock_fd, (struct sockaddr *)&peer, &len) < 0)
		return -errno;
	index = find_interface(&peer);
	if (index < 0)
		return index;
	if (!if_indextoname(index, path->interface))
		return -errno;
	follow_beneath(path->interface);
	memcpy(flags.ifr_name, path->interface, IF_NAMESIZE);
	memcpy(feature.ifr_name, path->interface, IF_NAMESIZE);
	if (ioctl(sock_fd, SIOCGIFFLAGS, &flags) < 0)
		return -errno;
	if (flags.ifr_flags & IFF_LOOPBACK)
		path->link = DEMO_LINK_LOOPBACK;
	else
		path->link = has_physical_parent(path->interface) ? DEMO_LINK_NIC : DEMO_LINK_VIRTUAL;
	path->scatter_gather = ioctl(sock_fd, SIOCETHTOOL, &feature) == 0 && sg.data;
	find_driver(path);
	return 0;
}
