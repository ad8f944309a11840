// Rx, the remote procedure calls of AFS: header, acknowledgements, and which service a packet is for. The services' arguments
// are in calls.ts, their results in replies.ts.

import type { Dissector } from "../dissector.ts";
import { hex8 } from "../numbers.ts";
import {
  AUTHENTICATION_ARGUMENTS,
  CALLBACK_ARGUMENTS,
  FILE_SERVER_ARGUMENTS,
  OVERSEER_ARGUMENTS,
  PROTECTION_ARGUMENTS,
  UBIK_ARGUMENTS,
  VOLUME_ARGUMENTS,
  VOLUME_LOCATION_ARGUMENTS,
} from "./calls.ts";
import { AfsFields, date, int } from "./fields.ts";
import type { Step } from "./fields.ts";
import {
  ACK_REASONS,
  CALLBACK_CALLS,
  FILE_SERVER_CALLS,
  PACKET_TYPES,
  PROTECTION_CALLS,
  VOLUME_LOCATION_CALLS,
} from "./names.ts";
import {
  CALLBACK_RESULTS,
  FILE_SERVER_RESULTS,
  NO_RESULTS,
  PROTECTION_RESULTS,
  UBIK_RESULTS,
  VOLUME_LOCATION_RESULTS,
  VOLUME_RESULTS,
} from "./replies.ts";
import {
  AUTHENTICATION_CALLS,
  FILE_SERVER_ERRORS,
  OVERSEER_CALLS,
  UBIK_CALLS,
  VOLUME_CALLS,
} from "./service-names.ts";
import type { NameTable } from "../names.ts";

const HEADER_LENGTH = 28;
const [DATA, ACK, ABORT] = [1, 2, 4] as const;
const CLIENT_INITIATED = 1;
/** Flags, and the packet type that has them if not all have. */
const FLAGS: readonly (readonly [number, number | undefined, string])[] = [
  [1, undefined, "client-init"],
  [2, undefined, "req-ack"],
  [4, undefined, "last-pckt"],
  [8, undefined, "more-pckts"],
  [16, undefined, "free-pckt"],
  [32, ACK, "slow-start"],
  [32, DATA, "jumbogram"],
];

interface Service {
  readonly name: string;
  readonly calls: NameTable;
  readonly arguments: ReadonlyMap<number, Step>;
  readonly results: ReadonlyMap<number, Step>;
  /** It is a database that Ubik replicates. */
  readonly replicated: boolean;
}

function service(
  name: string,
  calls: NameTable,
  taken: ReadonlyMap<number, Step>,
  results: ReadonlyMap<number, Step>,
  replicated = false,
): Service {
  return { name, calls, arguments: taken, results, replicated };
}

const FILE_SERVER = service("fs", FILE_SERVER_CALLS, FILE_SERVER_ARGUMENTS, FILE_SERVER_RESULTS);

/** By UDP port. */
const SERVICES: ReadonlyMap<number, Service> = new Map([
  [7000, FILE_SERVER],
  [7001, service("cb", CALLBACK_CALLS, CALLBACK_ARGUMENTS, CALLBACK_RESULTS)],
  [7002, service("pt", PROTECTION_CALLS, PROTECTION_ARGUMENTS, PROTECTION_RESULTS, true)],
  [7003, service("vldb", VOLUME_LOCATION_CALLS, VOLUME_LOCATION_ARGUMENTS, VOLUME_LOCATION_RESULTS, true)],
  [7004, service("kauth", AUTHENTICATION_CALLS, AUTHENTICATION_ARGUMENTS, NO_RESULTS, true)],
  [7005, service("vol", VOLUME_CALLS, VOLUME_ARGUMENTS, VOLUME_RESULTS)],
  [7007, service("bos", OVERSEER_CALLS, OVERSEER_ARGUMENTS, NO_RESULTS)],
]);

const UBIK = service("ubik", UBIK_CALLS, UBIK_ARGUMENTS, UBIK_RESULTS);
const UBIK_VOTE = 10_000;

function isUbik(operation: number): boolean {
  return (operation >= 10_000 && operation <= 10_007) || (operation >= 20_000 && operation <= 20_013);
}

function call(d: Dissector, at: number, length: number, to: Service): void {
  if (length <= HEADER_LENGTH) return;
  const operation = d.u32(at + HEADER_LENGTH);
  d.text += ` ${to.name}`;
  const used = to.replicated && isUbik(operation) ? UBIK : to;
  if (used === UBIK) d.text += " ubik";
  d.text += ` call ${used.calls.get(operation) ?? `op#${operation}`}`;
  const fields = new AfsFields(d, at + HEADER_LENGTH + 4);
  d.untilCut(() => used.arguments.get(operation)?.(fields), used.name);
}

function reply(d: Dissector, at: number, length: number, from: Service, operation: number): void {
  // Those that are replicated may have nothing behind the header.
  if (length < HEADER_LENGTH || (length === HEADER_LENGTH && !(from.replicated && from.name !== "kauth")))
    return;
  d.text += ` ${from.name}`;
  const used = from.replicated && isUbik(operation) ? UBIK : from;
  if (used === UBIK) d.text += " ubik";
  d.text += ` reply ${used.calls.get(operation) ?? `op#${operation}`}`;
  const fields = new AfsFields(d, at + HEADER_LENGTH);
  const type = d.u8(at + 20);
  d.untilCut(() => {
    if (type === DATA) used.results.get(operation)?.(fields);
    else failed(fields, used, operation);
  }, used.name);
}

/** The code of an aborted call. A vote for a server comes as an abort, too. */
function failed(fields: AfsFields, from: Service, operation: number): void {
  if (from === FILE_SERVER) {
    const code = fields.u32();
    fields.say(` error ${FILE_SERVER_ERRORS.get(code) ?? `#${code | 0}`}`);
  } else if (from === UBIK && operation === UBIK_VOTE) {
    fields.say(" vote yes until");
    date(fields);
  } else {
    fields.say(" errcode");
    int(fields);
  }
}

/** Runs of packets that were acknowledged, or that were not. */
function ranges(d: Dissector, at: number, count: number, kind: number, name: string, first: number): void {
  let start = -2;
  let last = -2;
  const packet = (index: number): number => (first + index) >>> 0;
  let index = 0;
  const finish = (): void => {
    if (last === index - 1 && start !== last) d.text += `-${packet(index - 1)}`;
  };
  for (; index < count; index++) {
    if (d.u8(at + index) !== kind) {
      finish();
      continue;
    }
    if (last === -2) {
      d.text += ` ${name} ${packet(index)}`;
      start = index;
    } else if (last !== index - 1) {
      d.text += `,${packet(index)}`;
      start = index;
    }
    last = index;
  }
  finish();
}

const ACK_LENGTH = 18;

function acknowledgement(d: Dissector, start: number, length: number): void {
  if (length < HEADER_LENGTH) return;
  const at = start + HEADER_LENGTH;
  d.need(at, ACK_LENGTH);
  if (d.verbose > 2) d.text += ` bufspace ${d.u16(at)} maxskew ${d.u16(at + 2)}`;
  const first = d.u32(at + 4);
  const reason = d.u8(at + 16);
  d.text += ` first ${first} serial ${d.u32(at + 12)} reason ${ACK_REASONS.get(reason) ?? `#${reason}`}`;
  const count = d.u8(at + 17);
  const list = at + ACK_LENGTH;
  if (count > 0) {
    d.need(list, count);
    ranges(d, list, count, 1, "acked", first);
    ranges(d, list, count, 0, "nacked", first);
  }
  if (d.verbose <= 1) return;
  let place = list + count + 3;
  for (const name of ["ifmtu", "maxmtu", "rwind", "maxpackets"]) {
    if (d.available(place) < 4) return;
    d.text += ` ${name} ${d.u32(place)}`;
    place += 4;
  }
}

function headerDetails(d: Dissector, at: number, type: number, flags: number): void {
  if (d.verbose > 1) d.text += ` cid ${hex8(d.u32(at + 4))} call# ${d.u32(at + 8)}`;
  d.text += ` seq ${d.u32(at + 12)} ser ${d.u32(at + 16)}`;
  if (d.verbose > 2) d.text += ` secindex ${d.u8(at + 23)} serviceid ${d.u16(at + 26)}`;
  if (d.verbose <= 1) return;
  const names = FLAGS.filter(([bit, only]) => (flags & bit) !== 0 && (only === undefined || only === type));
  if (names.length > 0) d.text += ` ${names.map(([, , name]) => `<${name}>`).join(",")}`;
}

export function rx(d: Dissector, at: number, length: number, from: number, to: number, header: number): void {
  d.protocol = "rx";
  if (!d.has(at, HEADER_LENGTH)) {
    d.text += ` [|rx] (${length})`;
    return;
  }
  const type = d.u8(at + 20);
  const flags = d.u8(at + 21);
  d.text += ` rx ${PACKET_TYPES.get(type) ?? `type ${type}`}`;
  if (d.verbose > 0) headerDetails(d, at, type, flags);
  const sequence = d.u32(at + 12);
  const isCall = (flags & CLIENT_INITIATED) !== 0;
  const key = { call: d.u32(at + 8), service: d.u16(at + 26) };
  if (type === DATA && sequence === 1 && isCall) {
    if (d.has(at + HEADER_LENGTH, 4)) {
      const [client, server, operation] = [d.u32(header + 12), d.u32(header + 16), d.u32(at + HEADER_LENGTH)];
      d.rxCalls.enter({ ...key, client, server, port: to, operation });
    }
    const called = SERVICES.get(to);
    if (called !== undefined) call(d, at, length, called);
  } else if (((type === DATA && sequence === 1) || type === ABORT) && !isCall) {
    const [server, client] = [d.u32(header + 12), d.u32(header + 16)];
    const answered = d.rxCalls.find(
      (one) =>
        one.call === key.call &&
        one.client === client &&
        one.server === server &&
        one.service === key.service &&
        one.port === from,
    );
    const answering = SERVICES.get(from);
    if (answered !== undefined && answering !== undefined)
      reply(d, at, length, answering, answered.operation);
  } else if (type === ACK) d.untilCut(() => acknowledgement(d, at, length), "ack");
  d.text += ` (${length})`;
}
