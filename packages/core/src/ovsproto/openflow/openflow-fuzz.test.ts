// Any bytes decode or are refused with one of OpenFlow's errors; what decodes is the same after another round.

import { expect, test } from "vitest";
import { OpenflowError } from "./errors.ts";
import { parseFlow } from "./flow-parse.ts";
import { decodeMessage } from "./message-decode.ts";
import { encodeMessage } from "./message-encode.ts";
import { formatMessage } from "./message-text.ts";

/** Numerical Recipes' generator: the same numbers each time. */
function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

const FLOWS = [
  "priority=7,tcp,in_port=1,nw_src=10.0.0.0/8,tp_dst=80,actions=mod_nw_src:1.2.3.4,output:2",
  "table=3,ipv6,ipv6_dst=2001:db8::/32,actions=resubmit(,4),load:1->NXM_NX_REG0[0..3]",
  "cookie=0x12,idle_timeout=5,arp,arp_op=1,actions=move:NXM_OF_ETH_SRC[]->NXM_OF_ETH_DST[],in_port",
  "icmp6,icmp_type=135,nd_target=fe80::1,actions=controller(reason=no_match,max_len=9,id=3)",
  "ip,actions=ct(commit,zone=5,nat(src=10.0.0.1-10.0.0.9:5-6),exec(load:1->NXM_NX_CT_MARK[])),drop_not",
  "actions=learn(table=1,NXM_OF_ETH_DST[]=NXM_OF_ETH_SRC[],output:NXM_OF_IN_PORT[]),flood",
  "reg1=0x5/0xff,metadata=7,tun_id=3,actions=clone(output:1),note:01.02,set_queue:3,pop_queue",
];

function samples(): Uint8Array[] {
  const messages: Uint8Array[] = [];
  for (const text of FLOWS.filter((flow) => !flow.includes("drop_not"))) {
    const { flow } = parseFlow(text, "add", {});
    for (const version of [1, 4, 6]) {
      messages.push(
        encodeMessage({
          version,
          xid: 1,
          body: { type: "flow_mod", form: version === 1 ? "nxt" : "standard", mod: flow },
        }),
      );
    }
  }
  return messages;
}

test("flows of all kinds are the same after another round", () => {
  for (const bytes of samples()) {
    const decoded = decodeMessage(bytes);
    if (decoded instanceof OpenflowError) throw decoded;
    expect(encodeMessage(decoded.message)).toEqual(bytes);
  }
});

test("bytes that are damaged decode, or are refused, and always print", () => {
  const random = generator(7);
  const seeds = samples();
  let refused = 0;
  for (let round = 0; round < 3000; round++) {
    const seed = seeds[random(seeds.length)] ?? new Uint8Array(8);
    const bytes = seed.slice(0, random(4) === 0 ? 8 + random(seed.length - 8) : seed.length);
    for (let i = 0; i <= random(4); i++) bytes[8 + random(bytes.length - 8)] = random(256);
    if (random(3) === 0) bytes[1] = random(40);
    bytes[2] = bytes.length >>> 8;
    bytes[3] = bytes.length & 0xff;
    const decoded = decodeMessage(bytes);
    expect(formatMessage(bytes, { verbosity: 2 })).not.toBe("");
    if (decoded instanceof OpenflowError) {
      refused++;
      continue;
    }
    // What is odd about a hello is only told, not kept.
    if (decoded.message.body.type === "hello") continue;
    const again = encodeMessage(decoded.message);
    const twice = decodeMessage(again);
    if (twice instanceof OpenflowError) throw twice;
    expect(encodeMessage(twice.message)).toEqual(again);
  }
  expect(refused).toBeGreaterThan(100);
});

test("bytes without any sense never throw", () => {
  const random = generator(11);
  for (let round = 0; round < 3000; round++) {
    const bytes = Uint8Array.from({ length: 8 + random(120) }, () => random(256));
    bytes[0] = 1 + random(6);
    bytes[1] = random(36);
    bytes[2] = 0;
    bytes[3] = bytes.length;
    decodeMessage(bytes);
    expect(formatMessage(bytes)).not.toBe("");
  }
});
