/** The command `bundle`: a file of flows, groups and packets, which the switch takes as one change. */
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { parseGroup, splitGroupCommand } from "../../ovsproto/openflow/group-parse.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { Protocol } from "../../ovsproto/openflow/protocols.ts";
import { runBundle } from "./bundle.ts";
import { flowModBody, tellNormalized } from "./flow-commands.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { parsePacketOut } from "./packet-out.ts";
import { acceptedNames } from "./show-commands.ts";
import { openVconn } from "./vconn.ts";

type Arguments = readonly string[];

/** What a line asks for, by its first word; without one it is a flow. */
function parseLine(ofctl: Ofctl, line: string, where: string, names: Names): MessageBody {
  const [, kind, rest = line] = /^[ \t]*(flow|group|packet-out)[ \t]+(.*)$/.exec(line) ?? [];
  if (kind === "packet-out") return parsePacketOut(ofctl, rest, names, where).body;
  if (kind === "group") {
    const split = splitGroupCommand(rest);
    return ofctl.parse(() => parseGroup(split.rest, split.command, names), where).mod;
  }
  const { flow } = ofctl.parse(() => parseFlow(rest, undefined, names), where);
  tellNormalized(ofctl, flow.match);
  return flowModBody(flow, Protocol.OF14_OXM);
}

export async function bundleCommand(ofctl: Ofctl, [bridge = "", path = ""]: Arguments): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const bodies: MessageBody[] = [];
  for (const { line, number } of flowLines(await ofctl.readText(path))) {
    bodies.push(parseLine(ofctl, line, `${path}:${number}: `, names));
  }
  const vconn = await openVconn(ofctl, bridge);
  await runBundle(ofctl, vconn, bodies);
  vconn.close();
}
