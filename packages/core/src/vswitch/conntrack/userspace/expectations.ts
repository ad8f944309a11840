// Connections that others have announced (struct alg_exp_node of Open vSwitch's lib/conntrack.c): data connections of FTP and
// transfers of TFTP. One that begins as expected is related to the connection that announced it, and has its mark and label.

import type { AddressWords, Tuple } from "../../../ovsproto/datapath/connection.ts";
import type { Connection } from "../connection.ts";
import { tupleKey } from "../tuple.ts";

/** Any source port. */
const ANY_PORT = 0;

export interface Expectation {
  readonly parent: Connection;
  readonly mark: number;
  readonly label: readonly number[];
  /** What the translation of the announcing connection makes of one end of the new one. */
  readonly address: AddressWords;
  /** That is the destination of answers, not their source. */
  readonly replacesReplyDestination: boolean;
}

export class Expectations {
  readonly #byTuple = new Map<string, Expectation>();

  /** expectation_create(). `reply`: the announcement came from the end that had not begun. */
  add(parent: Connection, port: number, reply: boolean): void {
    const { original, zone, mark, label, destinationTranslated } = parent;
    const ends = reply ? original : parent.reply;
    const tuple = { ...ends, sourcePort: ANY_PORT, destinationPort: port };
    const key = tupleKey(zone, tuple);
    if (this.#byTuple.has(key)) return;
    const address = reply
      ? destinationTranslated
        ? parent.reply.source
        : parent.reply.destination
      : destinationTranslated
        ? original.destination
        : original.source;
    const replacesReplyDestination = reply !== destinationTranslated;
    this.#byTuple.set(key, { parent, mark, label, address, replacesReplyDestination });
  }

  find(zone: number, tuple: Tuple): Expectation | undefined {
    if (this.#byTuple.size === 0) return undefined;
    return this.#byTuple.get(tupleKey(zone, { ...tuple, sourcePort: ANY_PORT }));
  }

  /** They end with the connection that has announced them. */
  forget(parent: Connection): void {
    for (const [key, expectation] of this.#byTuple) {
      if (expectation.parent === parent) this.#byTuple.delete(key);
    }
  }
}
