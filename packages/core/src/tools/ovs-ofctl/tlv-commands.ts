/** Geneve options in tun_metadataN: add-tlv-map, del-tlv-map, dump-tlv-map. */
import { scanNumber } from "../../ovsproto/openflow/c-numbers.ts";
import type { TlvMapping } from "../../ovsproto/openflow/session-messages.ts";
import { NXM_OXM_ANY } from "../../ovsproto/openflow/protocols.ts";
import { openForFlowMods } from "./flow-commands.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { finish, printMessage } from "./show-commands.ts";
import { openVconn } from "./vconn.ts";

type Arguments = readonly string[];

const NUMBER = "\\s*([+-]?(?:0[xX][0-9a-fA-F]+|\\d+))";
const MAPPING = new RegExp(`^,?\\{class=${NUMBER},type=${NUMBER},len=${NUMBER}\\}->tun_metadata${NUMBER}`);

/** scanf()'s %i in so many bits, where what does not fit is cut off. */
const scanned = (text: string | undefined, bits: number): number =>
  Number(BigInt.asUintN(bits, scanNumber(text ?? "")?.value ?? 0n));

function parseMappings(text: string): TlvMapping[] {
  const mappings: TlvMapping[] = [];
  let rest = text;
  while (rest !== "") {
    const match = MAPPING.exec(rest);
    if (!match) throw new Fatal("invalid tlv mapping");
    const [all, optionClass, optionType, length, index] = match;
    mappings.push({
      optionClass: scanned(optionClass, 16),
      optionType: scanned(optionType, 8),
      length: scanned(length, 8),
      index: scanned(index, 16),
    });
    rest = rest.slice(all.length);
  }
  return mappings;
}

const Command = { ADD: 0, DELETE: 1, CLEAR: 2 } as const;

async function change(
  ofctl: Ofctl,
  bridge: string,
  command: number,
  mappings: readonly TlvMapping[],
): Promise<void> {
  const { vconn } = await openForFlowMods(ofctl, bridge, NXM_OXM_ANY);
  await finish(ofctl, vconn, [{ type: "tlv_table_mod", command, mappings }]);
  vconn.close();
}

export const addTlvMap = (ofctl: Ofctl, [bridge = "", text = ""]: Arguments) =>
  change(ofctl, bridge, Command.ADD, parseMappings(text));

export const delTlvMap = (ofctl: Ofctl, [bridge = "", text]: Arguments) =>
  text === undefined
    ? change(ofctl, bridge, Command.CLEAR, [])
    : change(ofctl, bridge, Command.DELETE, parseMappings(text));

export async function listTlvMap(ofctl: Ofctl, [bridge = ""]: Arguments): Promise<void> {
  const vconn = await openVconn(ofctl, bridge);
  printMessage(ofctl, await vconn.transact({ type: "tlv_table_request" }), ofctl.options.verbosity);
  vconn.close();
}
