/**
 * `protochain`: a loop over the headers between IP and the protocol that is looked for. The only code with backward
 * jumps; libpcap runs it itself, since no kernel takes it.
 */
import {
  BPF_ABS,
  BPF_ADD,
  BPF_ALU,
  BPF_B,
  BPF_IMM,
  BPF_IND,
  BPF_JA,
  BPF_JEQ,
  BPF_JMP,
  BPF_K,
  BPF_LD,
  BPF_LDX,
  BPF_MEM,
  BPF_MISC,
  BPF_MSH,
  BPF_MUL,
  BPF_ST,
  BPF_TAX,
  BPF_TXA,
  BPF_X,
} from "../wire/bpf/instruction.ts";
import { statement, test, type Condition, type Statement } from "./block.ts";

/** Extension headers of IPv6 whose second byte is their length in 8 bytes: hop-by-hop, destination options, routing, fragment. */
const EXTENSION_HEADERS = [0, 60, 43, 44] as const;
const NO_NEXT_HEADER = 59;
const AUTHENTICATION_HEADER = 51;
const IPV6_HEADER_LENGTH = 40;

/**
 * A holds the next protocol, X the offset behind the header that named it.
 *
 * @param start offset of the IP header
 * @param scratch word of memory that the loop may use
 */
export function protocolChain(of: "ip" | "ip6", protocol: number, start: number, scratch: number): Condition {
  const code: Statement[] = [];
  const add = (opcode: number, k = 0): Statement => {
    const added = statement(opcode, k);
    code.push(added);
    return added;
  };
  const jumpIf = (k: number): Statement => add(BPF_JMP | BPF_JEQ | BPF_K, k);
  const backTo = (index: number): Statement => add(BPF_JMP | BPF_JA, index - code.length - 1);

  if (of === "ip") {
    add(BPF_LD | BPF_ABS | BPF_B, start + 9);
    add(BPF_LDX | BPF_MSH | BPF_B, start);
  } else {
    add(BPF_LD | BPF_ABS | BPF_B, start + 6);
    add(BPF_LDX | BPF_IMM, IPV6_HEADER_LENGTH);
  }
  const again = code.length;
  const found = jumpIf(protocol);
  const ended = jumpIf(NO_NEXT_HEADER);
  found.jf = ended;

  const extensions = of === "ip6" ? EXTENSION_HEADERS.map(jumpIf) : [];
  if (of === "ip6") {
    ended.jf = extensions[0];
    const advance = add(BPF_LD | BPF_IND | BPF_B, start);
    for (const [index, extension] of extensions.entries()) {
      extension.jt = advance;
      extension.jf = extensions[index + 1];
    }
    add(BPF_ST, scratch);
    add(BPF_LD | BPF_IND | BPF_B, start + 1);
    add(BPF_ALU | BPF_ADD | BPF_K, 1);
    add(BPF_ALU | BPF_MUL | BPF_K, 8);
    add(BPF_ALU | BPF_ADD | BPF_X);
    add(BPF_MISC | BPF_TAX);
    add(BPF_LD | BPF_MEM, scratch);
    backTo(again);
  } else ended.jf = add(BPF_ALU | BPF_ADD | BPF_K, 0);

  const authenticated = jumpIf(AUTHENTICATION_HEADER);
  const lastExtension = extensions.at(-1);
  if (lastExtension !== undefined) lastExtension.jf = authenticated;
  authenticated.jt = add(BPF_MISC | BPF_TXA);
  add(BPF_LD | BPF_IND | BPF_B, start);
  add(BPF_ST, scratch);
  add(BPF_MISC | BPF_TXA);
  add(BPF_ALU | BPF_ADD | BPF_K, 1);
  add(BPF_MISC | BPF_TAX);
  add(BPF_LD | BPF_IND | BPF_B, start);
  add(BPF_ALU | BPF_ADD | BPF_K, 2);
  add(BPF_ALU | BPF_MUL | BPF_K, 4);
  add(BPF_MISC | BPF_TAX);
  add(BPF_LD | BPF_MEM, scratch);
  backTo(again);

  const end = add(BPF_ALU | BPF_ADD | BPF_K, 0);
  found.jt = end;
  ended.jt = end;
  authenticated.jf = end;
  return test(BPF_JEQ, protocol, code);
}
