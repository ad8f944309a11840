// One request out of the messages in which it has come: the two kinds that may be so long are requests for changes of table
// features and for flow monitors (handle_openflow() of ofproto.c).

import { OpenflowError } from "../../../ovsproto/openflow/errors.ts";
import type { Message } from "../../../ovsproto/openflow/message-body.ts";

export interface RequestPart {
  readonly message: Message;
  readonly bytes: Uint8Array;
}

/** A part that cannot be; it is the one that is answered. */
export interface BadPart {
  readonly bytes: Uint8Array;
  readonly error: OpenflowError;
}

/** Of at least two parts; answers are for the last one. */
export function joinRequest(parts: readonly RequestPart[]): RequestPart | BadPart {
  const [first] = parts as readonly [RequestPart];
  const last = parts.at(-1) ?? first;
  const numbers = new Set<number>();
  const twice = ({ bytes }: RequestPart, given: readonly number[], error: string): BadPart | undefined => {
    for (const number of given) {
      if (numbers.has(number)) return { bytes, error: new OpenflowError(error) };
      numbers.add(number);
    }
    return undefined;
  };
  switch (first.message.body.type) {
    case "table_features_request": {
      const tables = [];
      for (const part of parts) {
        if (part.message.body.type !== "table_features_request") continue;
        const given = part.message.body.tables;
        const bad = twice(
          part,
          given.map(({ table }) => table),
          "NXTFFC_DUP_TABLE",
        );
        if (bad) return bad;
        tables.push(...given);
      }
      return { ...last, message: { ...last.message, body: { type: "table_features_request", tables } } };
    }
    case "flow_monitor_request": {
      const requests = [];
      for (const part of parts) {
        if (part.message.body.type !== "flow_monitor_request") continue;
        const given = part.message.body.requests;
        const bad = twice(
          part,
          given.map(({ id }) => id),
          "OFPMOFC_MONITOR_EXISTS",
        );
        if (bad) return bad;
        requests.push(...given);
      }
      return { ...last, message: { ...last.message, body: { type: "flow_monitor_request", requests } } };
    }
    default:
      return { bytes: first.bytes, error: new OpenflowError("OFPBRC_BAD_STAT") };
  }
}
