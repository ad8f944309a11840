/* Sends frames of 60 bytes from a packet socket as fast as it can, in batches, for the bench of the capture ring.
   Usage: send-frames DEVICE COUNT. Prints frames a second. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <linux/if_packet.h>
#include <net/ethernet.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define BATCH 128
#define PACKET_QDISC_BYPASS_OPTION 20

int main(int argc, char **argv)
{
	static unsigned char frame[60] = { 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2, 0, 0, 0, 0, 1, 0x88, 0xb5 };
	static struct mmsghdr messages[BATCH];
	struct iovec part = { frame, sizeof frame };
	long count = argc > 2 ? atol(argv[2]) : 1000000, sent = 0;
	int fd = socket(AF_PACKET, SOCK_RAW, 0), one = 1;
	struct sockaddr_ll to = { .sll_family = AF_PACKET, .sll_ifindex = if_nametoindex(argv[1]) };
	struct timespec a, b;

	setsockopt(fd, SOL_PACKET, PACKET_QDISC_BYPASS_OPTION, &one, sizeof one);
	if (fd < 0 || bind(fd, (void *)&to, sizeof to) < 0) {
		perror("packet socket");
		return 1;
	}
	for (int i = 0; i < BATCH; i++)
		messages[i].msg_hdr = (struct msghdr){ .msg_iov = &part, .msg_iovlen = 1 };
	clock_gettime(CLOCK_MONOTONIC, &a);
	while (sent < count) {
		int n = sendmmsg(fd, messages, BATCH, 0);
		if (n > 0)
			sent += n;
	}
	clock_gettime(CLOCK_MONOTONIC, &b);
	printf("%.0f %ld\n", sent / (b.tv_sec - a.tv_sec + (b.tv_nsec - a.tv_nsec) / 1e9), sent);
	return 0;
}
