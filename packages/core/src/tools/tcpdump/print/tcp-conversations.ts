// TCP conversations that were seen, with the first sequence numbers of both directions.

/** First sequence numbers of both directions. */
export class Conversation {
  sequence = 0;
  acknowledgement = 0;
}

/** Conversations by IPv4 addresses and ports, or by the text of IPv6 addresses and ports. */
export class Conversations {
  readonly #ipv4 = new Map<number, Map<number, Map<number, Conversation>>>();
  readonly #ipv6 = new Map<string, Conversation>();

  /** What is known of this direction; `added` tells whether it is new. */
  ipv4(source: number, destination: number, ports: number): Conversation | undefined {
    return this.#ipv4.get(source)?.get(destination)?.get(ports);
  }

  addIpv4(source: number, destination: number, ports: number): Conversation {
    let bySource = this.#ipv4.get(source);
    if (bySource === undefined) this.#ipv4.set(source, (bySource = new Map()));
    let byDestination = bySource.get(destination);
    if (byDestination === undefined) bySource.set(destination, (byDestination = new Map()));
    const added = new Conversation();
    byDestination.set(ports, added);
    return added;
  }

  ipv6(key: string): Conversation | undefined {
    return this.#ipv6.get(key);
  }

  addIpv6(key: string): Conversation {
    const added = new Conversation();
    this.#ipv6.set(key, added);
    return added;
  }
}
