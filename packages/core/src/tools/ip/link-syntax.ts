// What a link kind adds to `ip link`: the words behind `type KIND`, the details that -d prints, its help. Kinds live in
// links/KIND/syntax.ts; ip gets them as a list and knows none by name.

import type { LinkMessage } from "../../netlink/rtnl/link.ts";
import type { Arguments } from "./arguments.ts";
import type { Session } from "./session.ts";

/** A link message under construction. */
export type LinkRequest = { -readonly [K in keyof LinkMessage]?: LinkMessage[K] };

/** What the parser of a kind can ask ip for. */
export interface LinkParser {
  readonly session: Session;
  /** The link is there already (`ip link set`, `change`). */
  readonly changing: boolean;
  /** Reads the options of another end of the link (name, address, netns, ...) up to the end of the words. */
  parseEnd(args: Arguments): LinkRequest;
}

/** Statistics that a kind keeps besides a device's own counters (`ip stats`). */
export interface StatisticsSuite {
  readonly name: string;
  /** Number of the attribute inside the kind's nest. */
  readonly attribute: number;
  /** Prints the attribute's payload, from a new line on. */
  print?(session: Session, data: Uint8Array): void;
}

export interface LinkSyntax {
  /** The word behind `type`; KIND_slave for what a port of a KIND takes. */
  readonly kind: string;
  /** Reads the words behind the kind and returns the attributes (IFLA_INFO_DATA or IFLA_INFO_SLAVE_DATA). */
  parse?(args: Arguments, parser: LinkParser): Uint8Array;
  /** Prints the attributes of a link of this kind. `data` is empty if there were none. */
  print?(session: Session, data: Uint8Array): void;
  /** Prints the options, as `ip link help KIND` does. */
  help?(session: Session): void;
  readonly statistics?: readonly StatisticsSuite[];
}

/** The kinds that ip was given. */
export class LinkKinds {
  readonly #kinds: ReadonlyMap<string, LinkSyntax>;
  constructor(kinds: readonly LinkSyntax[]) {
    this.#kinds = new Map(kinds.map((kind) => [kind.kind, kind]));
  }

  get(kind: string): LinkSyntax | undefined {
    return this.#kinds.get(kind);
  }

  /** Kinds that have statistics of their own, in the order of the list. */
  withStatistics(): readonly LinkSyntax[] {
    return [...this.#kinds.values()].filter(({ statistics }) => statistics !== undefined);
  }
}
