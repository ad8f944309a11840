// The calls of a protocol that were seen last, so that a reply can be printed as what it answers. As in tcpdump there are 64,
// and a search starts where the last one ended.

const SIZE = 64;

/** A call of Sun RPC, as NFS makes it. */
export interface RpcCall {
  readonly id: number;
  /** Addresses as hex digits; their length tells the version of IP. */
  readonly client: string;
  readonly server: string;
  readonly procedure: number;
  readonly version: number;
}

/** A call of Rx, as AFS makes it. */
export interface RxCall {
  readonly call: number;
  readonly client: number;
  readonly server: number;
  readonly port: number;
  readonly service: number;
  readonly operation: number;
}

export class CallRing<T> {
  readonly #calls: (T | undefined)[] = Array.from({ length: SIZE }, () => undefined);
  #next = 0;
  #found = 0;

  enter(call: T): void {
    this.#calls[this.#next] = call;
    this.#next = (this.#next + 1) % SIZE;
  }

  find(isAnswered: (call: T) => boolean): T | undefined {
    for (let step = 0; step < SIZE; step++) {
      const place = (this.#found + step) % SIZE;
      const call = this.#calls[place];
      if (call === undefined || !isAnswered(call)) continue;
      this.#found = place;
      return call;
    }
    return undefined;
  }
}
