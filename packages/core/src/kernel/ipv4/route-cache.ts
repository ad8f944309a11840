// The last decisions about packets that came in, so that a stream of packets is looked up once. Linux keeps the whole
// decision at the next hop and asks the fib for every packet; here the answer itself is kept, until anything changes.

import type { Route } from "./route.ts";

interface Entry {
  readonly generation: number;
  readonly destination: number;
  readonly source: number;
  readonly iif: number;
  readonly tos: number;
  readonly mark: number;
  readonly route: Route;
}

const SIZE = 256; // a power of two

export class RouteCache {
  /** Goes up when decisions must be made anew. */
  generation = 0;
  #entries: (Entry | undefined)[] | undefined = undefined;

  find(destination: number, source: number, iif: number, tos: number, mark: number): Route | undefined {
    const entry = this.#entries?.[slotOf(destination, source, iif)];
    return entry !== undefined &&
      entry.generation === this.generation &&
      entry.destination === destination &&
      entry.source === source &&
      entry.iif === iif &&
      entry.tos === tos &&
      entry.mark === mark
      ? entry.route
      : undefined;
  }

  remember(destination: number, source: number, iif: number, tos: number, mark: number, route: Route): void {
    const entries = (this.#entries ??= new Array<Entry | undefined>(SIZE).fill(undefined));
    const { generation } = this;
    entries[slotOf(destination, source, iif)] = { generation, destination, source, iif, tos, mark, route };
  }
}

function slotOf(destination: number, source: number, iif: number): number {
  const mixed = Math.imul(destination ^ Math.imul(source, 0x9e37_79b1) ^ (iif << 7), 0x85eb_ca6b);
  return (mixed >>> 16) & (SIZE - 1);
}
