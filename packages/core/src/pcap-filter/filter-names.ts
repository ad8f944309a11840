/** Where names in filters come from. The functions answer from files of the host; nothing is asked over the network. */
export interface FilterNames {
  /** 4 or 16 bytes each, in the order of getaddrinfo(3); empty for an unknown name. */
  hostAddresses(name: string): readonly Uint8Array[];
  /** getnetbyname(3), host order. */
  network(name: string): number | undefined;
  /** ether_hostton(3), 6 bytes. */
  etherHost(name: string): Uint8Array | undefined;
  /** A service of this protocol, or a number (getaddrinfo(3) without a host). */
  port(name: string, protocol: "tcp" | "udp"): number | undefined;
  /** getprotobyname(3). */
  ipProtocol(name: string): number | undefined;
}

/** Knows no names. */
export const NO_NAMES: FilterNames = {
  hostAddresses: () => [],
  network: () => undefined,
  etherHost: () => undefined,
  port: () => undefined,
  ipProtocol: () => undefined,
};
