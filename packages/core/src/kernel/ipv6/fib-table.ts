// Tables of IPv6 routes: longest match, and the order in which the kernel lists routes (net/ipv6/ip6_fib.c). The kernel has a
// binary trie; here each prefix length has a map, which lists and matches the same. Routes of one prefix are sorted by metric.

import { IPV6_ANY, ipv6InPrefix, ipv6Network } from "../../wire/ipv6-address.ts";
import type { Ipv6Address } from "../../wire/ipv6-address.ts";
import { RT_TABLE } from "../../netlink/rtnl/route-constants.ts";
import type { NetDevice } from "../device.ts";
import { Slot } from "../slot.ts";
import type { Fib6Route } from "./fib-route.ts";

/** The routes that leave by a device, in the order of adding. So what happens to a device does not look at the others' routes. */
const byDevice = new Slot<Set<Fib6Route>>();

/** Routes in tables that leave by `device`, in no order. */
export function routesBy(device: NetDevice): Iterable<Fib6Route> {
  return byDevice.of(device) ?? [];
}

/** Destinations whose matches are remembered. */
const CACHE_LIMIT = 4096;

/** All routes to one prefix (struct fib6_node with its leaf list). */
export class Fib6Node {
  readonly prefix: Ipv6Address;
  readonly length: number;
  readonly routes: Fib6Route[] = [];

  constructor(prefix: Ipv6Address, length: number) {
    this.prefix = prefix;
    this.length = length;
  }
}

export class Fib6Table {
  readonly id: number;
  readonly #byLength: (Map<Ipv6Address, Fib6Node> | undefined)[] = [];
  /** Lengths in use, longest first. */
  #lengths: number[] = [];
  readonly #matches = new Map<Ipv6Address, readonly Fib6Node[]>();
  size = 0;

  constructor(id: number) {
    this.id = id;
  }

  /** The nodes whose prefixes hold the address, longest first. */
  matches(destination: Ipv6Address): readonly Fib6Node[] {
    const known = this.#matches.get(destination);
    if (known !== undefined) return known;
    const found: Fib6Node[] = [];
    for (const length of this.#lengths) {
      const node = this.#byLength[length]?.get(ipv6Network(destination, length));
      if (node !== undefined) found.push(node);
    }
    if (this.#matches.size >= CACHE_LIMIT) this.#matches.clear();
    this.#matches.set(destination, found);
    return found;
  }

  /** fib6_locate(): the node of exactly this prefix. */
  node(prefix: Ipv6Address, length: number): Fib6Node | undefined {
    return this.#byLength[length]?.get(prefix);
  }

  /** The node of this prefix, made if need be. */
  ensure(prefix: Ipv6Address, length: number): Fib6Node {
    let nodes = this.#byLength[length];
    if (nodes === undefined) {
      this.#byLength[length] = nodes = new Map<Ipv6Address, Fib6Node>();
      this.#lengths = [...this.#lengths, length].sort((a, b) => b - a);
    }
    let node = nodes.get(prefix);
    if (node === undefined) {
      node = new Fib6Node(prefix, length);
      nodes.set(prefix, node);
      this.#matches.clear();
    }
    return node;
  }

  /** Puts a route into its node at `index`. */
  insert(node: Fib6Node, route: Fib6Route, index: number): void {
    node.routes.splice(index, 0, route);
    route.linked = true;
    this.size++;
    if (route.object !== undefined) {
      route.object.object.users6.add(route.object.user);
      return;
    }
    let own = byDevice.of(route.device);
    if (own === undefined) byDevice.set(route.device, (own = new Set()));
    own.add(route);
  }

  /** Takes a route out; an empty node goes too. */
  remove(route: Fib6Route): void {
    const node = this.node(route.destination, route.prefixLength);
    const index = node?.routes.indexOf(route) ?? -1;
    if (node === undefined || index < 0) return;
    node.routes.splice(index, 1);
    route.linked = false;
    if (route.object === undefined) byDevice.of(route.device)?.delete(route);
    else route.object.object.users6.delete(route.object.user);
    this.size--;
    if (node.routes.length === 0) this.dropEmpty(node);
  }

  /** Forgets a node that has no routes. */
  dropEmpty(node: Fib6Node): void {
    const nodes = this.#byLength[node.length];
    nodes?.delete(node.prefix);
    this.#matches.clear();
    if (nodes?.size !== 0) return;
    this.#byLength[node.length] = undefined;
    this.#lengths = this.#lengths.filter((length) => length !== node.length);
  }

  /**
   * Nodes in the order of fib6_walk(): a prefix comes after all longer ones inside it, and prefixes beside each other in
   * the order of their bits.
   */
  nodesInOrder(): Fib6Node[] {
    const nodes: Fib6Node[] = [];
    for (const length of this.#lengths)
      for (const node of this.#byLength[length]?.values() ?? []) nodes.push(node);
    return nodes.sort(walkOrder);
  }

  /** Routes in the order of a dump: those for a source before all that is inside their prefix, those for all behind it. */
  *routes(): Generator<Fib6Route> {
    const nodes = this.nodesInOrder();
    let waiting = nodes.filter(hasSourceRoutes).reverse(); // the widest prefix first
    for (const node of nodes) {
      for (const around of waiting) {
        if (!ipv6InPrefix(node.prefix, around.prefix, around.length)) continue;
        yield* around.routes.filter(({ sourceLength }) => sourceLength > 0).sort(sourceOrder);
        waiting = waiting.filter((other) => other !== around);
      }
      yield* node.routes.filter(({ sourceLength }) => sourceLength === 0);
    }
  }
}

/** Whether some routes of a prefix are for a source only (FIB6_SUBTREE). */
export function hasSourceRoutes(node: Fib6Node | undefined): boolean {
  if (node !== undefined) for (const { sourceLength } of node.routes) if (sourceLength > 0) return true;
  return false;
}

/** Routes for a source come before those for all, in the order of their own tree. */
function sourceOrder(a: Fib6Route, b: Fib6Route): number {
  if (a.source === b.source && a.sourceLength === b.sourceLength) return 0;
  return walkOrder(
    { prefix: a.source, length: a.sourceLength },
    { prefix: b.source, length: b.sourceLength },
  );
}

type Prefix = Pick<Fib6Node, "prefix" | "length">;

function walkOrder(a: Prefix, b: Prefix): number {
  if (ipv6InPrefix(a.prefix, b.prefix, b.length) && a.length > b.length) return -1;
  if (ipv6InPrefix(b.prefix, a.prefix, a.length) && b.length > a.length) return 1;
  return a.prefix < b.prefix ? -1 : 1;
}

/** The tables of a namespace. Main and local exist always, others are made on first use. */
export class Fib6Tables {
  readonly #tables = new Map<number, Fib6Table>();
  readonly main: Fib6Table;
  readonly local: Fib6Table;
  /** Rises with every change of routes or addresses, so that kept paths can be told from current ones. */
  generation = 1;

  constructor() {
    this.main = this.ensure(RT_TABLE.MAIN);
    this.local = this.ensure(RT_TABLE.LOCAL);
  }

  find(id: number): Fib6Table | undefined {
    return this.#tables.get(id);
  }

  ensure(id: number): Fib6Table {
    let table = this.#tables.get(id);
    if (table === undefined) this.#tables.set(id, (table = new Fib6Table(id)));
    return table;
  }

  /** In the order of a dump: 256 hash buckets by id, the newest first inside one. */
  all(): Fib6Table[] {
    const newestFirst = [...this.#tables.values()].reverse();
    return newestFirst.sort((a, b) => (a.id & 0xff) - (b.id & 0xff));
  }
}

/** The routes that leave by `device`, as a dump lists them. */
export function routesInOrder(tables: Fib6Tables, device: NetDevice): Fib6Route[] {
  const order = new Map(tables.all().map(({ id }, index) => [id, index]));
  const position = (route: Fib6Route): number =>
    tables.find(route.table)?.node(route.destination, route.prefixLength)?.routes.indexOf(route) ?? 0;
  return [...routesBy(device)].sort((a, b) => {
    if (a.table !== b.table) return (order.get(a.table) ?? 0) - (order.get(b.table) ?? 0);
    if (a.destination === b.destination && a.prefixLength === b.prefixLength)
      return position(a) - position(b);
    return walkOrder(
      { prefix: a.destination, length: a.prefixLength },
      { prefix: b.destination, length: b.prefixLength },
    );
  });
}

/** A prefix as a key that shows which bits were set beyond its length (RTM_NEWROUTE clears them). */
export function canonicalPrefix(address: Ipv6Address, length: number): Ipv6Address {
  return length === 0 ? IPV6_ANY : ipv6Network(address, length);
}
