/* Brings up N x (network namespace + veth to one of several bridges + address + both ends up), as a program of the bench
   does it in TypeScript: rtnetlink requests in batches, their acknowledgements counted. Then takes all of it down through
   one link group. Prints the two times in seconds. To be run as root of its own network and mount namespaces.
   Usage: bring-up COUNT BRIDGES */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <linux/veth.h>
#include <net/if.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#define GROUP 0x7063
#define BATCH 100

static char buffer[256 * 1024];
static size_t used;
static int pending;

static void fail(const char *what)
{
	perror(what);
	exit(1);
}

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec + t.tv_nsec / 1e9;
}

static int open_route(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE), size = 1 << 20;
	struct sockaddr_nl name = { .nl_family = AF_NETLINK };
	if (fd < 0 || bind(fd, (void *)&name, sizeof name) < 0)
		fail("netlink");
	setsockopt(fd, SOL_SOCKET, SO_RCVBUF, &size, sizeof size);
	setsockopt(fd, SOL_SOCKET, SO_SNDBUF, &size, sizeof size);
	return fd;
}

static struct nlmsghdr *begin(int type, int flags, const void *body, size_t length)
{
	struct nlmsghdr *header = (void *)(buffer + used);
	memset(header, 0, NLMSG_SPACE(length));
	header->nlmsg_len = NLMSG_LENGTH(length);
	header->nlmsg_type = type;
	header->nlmsg_flags = NLM_F_REQUEST | NLM_F_ACK | flags;
	memcpy(NLMSG_DATA(header), body, length);
	return header;
}

static struct rtattr *put(struct nlmsghdr *header, int type, const void *data, size_t length)
{
	struct rtattr *attribute = (void *)((char *)header + NLMSG_ALIGN(header->nlmsg_len));
	attribute->rta_type = type;
	attribute->rta_len = RTA_LENGTH(length);
	if (length)
		memcpy(RTA_DATA(attribute), data, length);
	header->nlmsg_len = NLMSG_ALIGN(header->nlmsg_len) + RTA_ALIGN(attribute->rta_len);
	return attribute;
}

static void close_nest(struct nlmsghdr *header, struct rtattr *nest)
{
	nest->rta_len = (char *)header + header->nlmsg_len - (char *)nest;
}

static void flush(int fd)
{
	static char answer[256 * 1024];
	if (pending == 0)
		return;
	if (send(fd, buffer, used, 0) < 0)
		fail("send");
	while (pending > 0) {
		ssize_t length = recv(fd, answer, sizeof answer, 0);
		if (length < 0)
			fail("recv");
		for (struct nlmsghdr *h = (void *)answer; NLMSG_OK(h, length); h = NLMSG_NEXT(h, length)) {
			if (h->nlmsg_type != NLMSG_ERROR)
				continue;
			struct nlmsgerr *e = NLMSG_DATA(h);
			if (e->error) {
				errno = -e->error;
				fail("a request");
			}
			pending--;
		}
	}
	used = 0;
}

static void end(int fd, struct nlmsghdr *header)
{
	used += NLMSG_ALIGN(header->nlmsg_len);
	if (++pending == BATCH)
		flush(fd);
}

static void write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY);
	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		fail(path);
	close(fd);
}

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 200, bridges = argc > 2 ? atoi(argv[2]) : 1;
	__u32 group = GROUP;
	double start = now();
	int home = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC), fd = open_route();
	int *netns = calloc(count, sizeof *netns);

	write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	for (int i = 0; i < bridges; i++) {
		char name[IFNAMSIZ];
		struct ifinfomsg info = { .ifi_index = 10 + i, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
		struct nlmsghdr *h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
		snprintf(name, sizeof name, "br%d", i);
		put(h, IFLA_IFNAME, name, strlen(name) + 1);
		put(h, IFLA_GROUP, &group, sizeof group);
		struct rtattr *nest = put(h, IFLA_LINKINFO, NULL, 0);
		put(h, IFLA_INFO_KIND, "bridge", 6);
		close_nest(h, nest);
		end(fd, h);
	}
	flush(fd);
	for (int i = 0; i < count; i++) {
		if (unshare(CLONE_NEWNET) < 0)
			fail("unshare");
		netns[i] = open("/proc/thread-self/ns/net", O_RDONLY | O_CLOEXEC);
		write_file("/proc/sys/net/ipv6/conf/default/disable_ipv6", "1");
	}
	setns(home, CLONE_NEWNET);
	for (int i = 0; i < count; i++) {
		char name[IFNAMSIZ];
		__u32 master = 10 + i % bridges;
		struct ifinfomsg info = { .ifi_index = 1000 + i, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
		struct ifinfomsg peer = { .ifi_index = 2 };
		struct nlmsghdr *h = begin(RTM_NEWLINK, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
		snprintf(name, sizeof name, "v%d", i);
		put(h, IFLA_IFNAME, name, strlen(name) + 1);
		put(h, IFLA_GROUP, &group, sizeof group);
		put(h, IFLA_MASTER, &master, sizeof master);
		struct rtattr *nest = put(h, IFLA_LINKINFO, NULL, 0);
		put(h, IFLA_INFO_KIND, "veth", 4);
		struct rtattr *data = put(h, IFLA_INFO_DATA, NULL, 0);
		struct rtattr *end_of = put(h, VETH_INFO_PEER, &peer, sizeof peer);
		put(h, IFLA_IFNAME, "eth0", 5);
		put(h, IFLA_NET_NS_FD, &netns[i], sizeof netns[i]);
		close_nest(h, end_of);
		close_nest(h, data);
		close_nest(h, nest);
		end(fd, h);
	}
	flush(fd);
	for (int i = 0; i < count; i++) {
		setns(netns[i], CLONE_NEWNET);
		int inside = open_route();
		__u32 address = htonl(0x0a000001 + i);
		struct ifaddrmsg info = { .ifa_family = AF_INET, .ifa_prefixlen = 8, .ifa_index = 2 };
		struct nlmsghdr *h = begin(RTM_NEWADDR, NLM_F_CREATE | NLM_F_EXCL, &info, sizeof info);
		put(h, IFA_LOCAL, &address, 4);
		put(h, IFA_ADDRESS, &address, 4);
		end(inside, h);
		struct ifinfomsg up = { .ifi_index = 2, .ifi_flags = IFF_UP, .ifi_change = IFF_UP };
		end(inside, begin(RTM_SETLINK, 0, &up, sizeof up));
		flush(inside);
		close(inside);
	}
	setns(home, CLONE_NEWNET);
	double up = now();

	struct ifinfomsg none = { 0 };
	struct nlmsghdr *h = begin(RTM_DELLINK, 0, &none, sizeof none);
	put(h, IFLA_GROUP, &group, sizeof group);
	end(fd, h);
	flush(fd);
	for (int i = 0; i < count; i++)
		close(netns[i]);
	printf("%.6f %.6f\n", up - start, now() - up);
	return 0;
}
