// Sun RPC (RFC 5531) as far as it carries NFS and the port mapper: calls, and replies that are printed as what they answer.
// Arguments are in request.ts, results in reply.ts.

import type { RpcCall } from "../call-ring.ts";
import type { Dissector } from "../dissector.ts";
import { FROM_VERSION_2, AUTHENTICATION_FAILURES, PORT_MAPPER } from "./names.ts";
import { replyResults } from "./reply.ts";
import { requestArguments } from "./request.ts";

export const NFS_PORT = 2049;
const VERSION_3 = 3;
const [CALL, REPLY] = [0, 1] as const;
const [ACCEPTED, DENIED] = [0, 1] as const;
const [VERSION_MISMATCH, AUTHENTICATION_ERROR] = [0, 1] as const;
const CALL_LENGTH = 28; // bytes with the flavour of the credentials
const PORT_MAPPER_HEX = "0x6f";
const RPC_VERSION = 2;

/** Offsets of source and destination behind an IP header, and their length. */
function endpoints(d: Dissector, header: number): readonly [number, number, number] | undefined {
  const version = d.u8(header) >>> 4;
  if (version === 4) return [header + 12, header + 16, 4];
  return version === 6 ? [header + 8, header + 24, 16] : undefined;
}

/** The procedure of version 3 that is meant. */
function procedureOf({ procedure, version }: Pick<RpcCall, "procedure" | "version">): number {
  return version === VERSION_3 ? procedure : (FROM_VERSION_2[procedure] ?? procedure);
}

function request(d: Dissector, at: number, length: number, header: number): void {
  d.protocol = "nfs";
  d.text += `${length}`;
  d.untilCut(() => {
    d.need(at + 20, 4);
    const [version, procedure] = [d.u32(at + 16), d.u32(at + 20)];
    const ends = endpoints(d, header);
    if (ends !== undefined) {
      const [source, destination, size] = ends;
      const [client, server] = [d.hexBytes(source, size), d.hexBytes(destination, size)];
      d.rpcCalls.enter({ id: d.u32(at), client, server, procedure, version });
    }
    requestArguments(d, at, length, procedureOf({ procedure, version }), version === VERSION_3);
  });
}

function reply(d: Dissector, at: number, length: number, header: number): void {
  d.protocol = "nfs";
  d.untilCut(() => {
    d.need(at + 8, 4);
    const status = d.u32(at + 8);
    if (status === ACCEPTED) {
      d.text += `reply ok ${length}`;
      accepted(d, at, length, header);
    } else if (status === DENIED) {
      d.text += `reply ERR ${length}: `;
      denied(d, at);
    } else d.text += `reply Unknown rpc response code=${status} ${length}`;
  });
}

function accepted(d: Dissector, at: number, length: number, header: number): void {
  const ends = endpoints(d, header);
  if (ends === undefined) return;
  const [source, destination, size] = ends;
  const [server, client, id] = [d.hexBytes(source, size), d.hexBytes(destination, size), d.u32(at)];
  const call = d.rpcCalls.find((one) => one.id === id && one.server === server && one.client === client);
  if (call === undefined) return;
  replyResults(d, at, length, procedureOf(call), call.version === VERSION_3);
}

function denied(d: Dissector, at: number): void {
  d.need(at + 12, 4);
  const reason = d.u32(at + 12);
  if (reason === VERSION_MISMATCH) {
    d.need(at + 20, 4);
    d.text += `RPC Version mismatch (${d.u32(at + 16)}-${d.u32(at + 20)})`;
  } else if (reason === AUTHENTICATION_ERROR) {
    d.need(at + 16, 4);
    const why = d.u32(at + 16);
    d.text += `Auth ${AUTHENTICATION_FAILURES.get(why) ?? `Invalid failure code ${why}`}`;
  } else d.text += `Unknown reason for rejecting rpc message ${reason}`;
}

/** Prints an RPC message between these ports if it is NFS; `lead` stands in front of it. */
export function nfs(
  d: Dissector,
  at: number,
  length: number,
  header: number,
  from: number,
  to: number,
  lead = "",
): boolean {
  if (!d.has(at + 4, 4)) return false;
  const direction = d.u32(at + 4);
  if (to === NFS_PORT && direction === CALL) {
    d.text += `${lead}NFS request xid ${d.u32(at)} `;
    request(d, at, length, header);
    return true;
  }
  if (from === NFS_PORT && direction === REPLY) {
    d.text += `${lead}NFS reply xid ${d.u32(at)} `;
    reply(d, at, length, header);
    return true;
  }
  return false;
}

/** "a.x > b.y" of an RPC message, which has its id where a port would stand. */
function addressesWithIds(d: Dissector, header: number, from: string, to: string): string {
  const version = d.u8(header) >>> 4;
  if (version === 4) return `${d.ipv4(header + 12)}.${from} > ${d.ipv4(header + 16)}.${to}: `;
  if (version === 6) return `${d.ipv6(header + 8)}.${from} > ${d.ipv6(header + 24)}.${to}: `;
  return `?.${from} > ?.${to}: `;
}

function portMapper(d: Dissector, at: number, length: number, header: number): void {
  d.protocol = "sunrpc";
  d.check(at, CALL_LENGTH);
  const to = d.options.numeric ? PORT_MAPPER_HEX : "sunrpc";
  d.text += `${addressesWithIds(d, header, `0x${d.u32(at).toString(16)}`, to)}${length}`;
  const procedure = d.u32(at + 20);
  d.text += ` ${PORT_MAPPER.get(procedure) ?? ` proc #${procedure}`}`;
  const version = d.u32(at + 8);
  if (version !== RPC_VERSION) d.text += ` [rpcver ${version}]`;
  if (procedure === 1 || procedure === 2 || procedure === 3 || procedure === 5) {
    const program = d.u32(at + 12);
    const name = d.options.numeric ? String(program) : `#${program}`;
    d.text += ` ${name}.${d.u32(at + 16)}`;
  }
}

/** -T rpc: calls are the port mapper's, all else are replies of NFS. */
export function rpc(d: Dissector, at: number, length: number, header: number): void {
  if (d.u32(at + 4) === CALL) return portMapper(d, at, length, header);
  d.protocol = "nfs";
  const from = d.options.numeric ? String(NFS_PORT) : "nfs";
  d.text += addressesWithIds(d, header, from, String(d.u32(at)));
  reply(d, at, length, header);
}
