// Numbers of socket(2) and socket(7) (asm-generic/socket.h) that several kinds of sockets use.

export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, NONBLOCK: 0o4000, CLOEXEC: 0o2000000 } as const;
/** How shutdown(2) ends a direction. */
export const SHUT_WR = 1;

export const SOL = { IP: 0, SOCKET: 1, IPV6: 41, ICMPV6: 58, RAW: 255, PACKET: 263, NETLINK: 270 } as const;

export const SO = {
  REUSEADDR: 2,
  ERROR: 4,
  DONTROUTE: 5,
  BROADCAST: 6,
  SNDBUF: 7,
  RCVBUF: 8,
  PRIORITY: 12,
  BINDTODEVICE: 25,
  ATTACH_FILTER: 26,
  TIMESTAMP: 29,
  RCVBUFFORCE: 33,
  MARK: 36,
  NETNS_COOKIE: 71,
} as const;
