// Packets that wait for their controller (`controller(pause)`, NXT_RESUME): what is to be done with one when it is sent back
// travels with the packet-in, so that the switch keeps nothing.

import { OpenflowError } from "../../ovsproto/openflow/errors.ts";
import type { Continuation, PacketIn } from "../../ovsproto/openflow/packet-messages.ts";
import { extractFlow } from "../../ovsproto/flow/extract.ts";
import { newFlow, W, word } from "../../ovsproto/flow/flow.ts";
import type { Bridge } from "./bridge.ts";
import { LOCAL_PORT } from "./bridge.ts";
import type { FrozenState } from "./xlate/context.ts";
import { translate } from "./xlate/translate.ts";

export function continuationOf(state: FrozenState, datapathPort: number): Continuation {
  const { bridge, stack, mirrors, conntracked, actions, actionSet } = state;
  return {
    bridge: bridge.id,
    stack: stack.map(bytesOf),
    mirrors,
    conntracked,
    actions,
    actionSet,
    datapathPort,
  };
}

/** Big-endian, without zeros before it. */
function bytesOf(value: bigint): Uint8Array {
  const digits = value.toString(16);
  const even = digits.padStart(digits.length + (digits.length % 2), "0");
  return Uint8Array.from({ length: even.length / 2 }, (_, at) =>
    Number.parseInt(even.slice(2 * at, 2 * at + 2), 16),
  );
}

function numberOf(bytes: Uint8Array): bigint {
  return bytes.reduce((value, byte) => value * 256n + BigInt(byte), 0n);
}

/** xlate_resume(), nxt_resume(). Errors: OpenflowError. */
export function resumePacket(from: Bridge, message: Omit<PacketIn, "type">): void {
  const { continuation, metadata, packet: bytes } = message;
  const bridge = [...from.backer.bridges.values()].find(({ id }) =>
    id.every((byte, at) => byte === continuation?.bridge?.[at]),
  );
  if (!bridge || !continuation) throw new OpenflowError("NXR_STALE");
  const { datapath, now } = bridge.backer;
  const device = bridge.port(LOCAL_PORT)?.device ?? datapath.local;
  const packet = datapath.host.allocate(device, bytes.length);
  packet.bytes.set(bytes, packet.start);
  const flow = newFlow();
  for (let at = 0; at < W.ETH_DST; at++) flow[at] = word(metadata.value, at) & word(metadata.mask, at);
  const known = flow.slice();
  extractFlow(packet, flow, datapath.tagLimit);
  const { stack, mirrors, conntracked, actions, actionSet } = continuation;
  const out = translate({
    bridge,
    flow,
    inPort: bridge.port(word(flow, W.IN_PORT)),
    packet,
    sideEffects: true,
    statistics: { packets: 1, bytes: bytes.length, used: now, tcpFlags: 0 },
    cache: undefined,
    frozen: {
      bridge,
      table: 0,
      metadata: known,
      stack: stack.map(numberOf),
      mirrors,
      conntracked,
      actionSet,
      // without any, the packet would be looked up in the flow table
      actions: actions.length > 0 ? actions : [{ type: "note", bytes: new Uint8Array() }],
    },
  });
  const key = flow.slice();
  key[W.IN_PORT] = continuation.datapathPort;
  datapath.executeFor(packet, key, out.actions);
}
