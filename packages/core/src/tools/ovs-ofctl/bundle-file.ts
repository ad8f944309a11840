/** The command `bundle`: a file of flows, groups and packets, which the switch takes as one change. */
import { flowLines, parseFlow } from "../../ovsproto/openflow/flow-parse.ts";
import { parseGroup, splitGroupCommand } from "../../ovsproto/openflow/group-parse.ts";
import type { MessageBody } from "../../ovsproto/openflow/message-body.ts";
import type { Names } from "../../ovsproto/openflow/names.ts";
import { Protocol } from "../../ovsproto/openflow/protocols.ts";
import type { Protocols } from "../../ovsproto/openflow/protocols.ts";
import { runBundle } from "./bundle.ts";
import { BUNDLE_PROTOCOLS, flowModBody, openForFlowMods, tellNormalized } from "./flow-commands.ts";
import { checkGroupCommand } from "./group-commands.ts";
import { Fatal } from "./ofctl-context.ts";
import type { Ofctl } from "./ofctl-context.ts";
import { parsePacketOut } from "./packet-out.ts";
import { acceptedNames } from "./show-commands.ts";

type Arguments = readonly string[];

interface ParsedLine {
  readonly body: MessageBody;
  readonly usable: Protocols;
}

/** What a line asks for, by its first word. Errors: Fatal. */
function parseLine(ofctl: Ofctl, line: string, where: string, names: Names): ParsedLine {
  const [, kind = "", rest = ""] = /^[ \t]*([^ \t]*)[ \t]*(.*)$/.exec(line) ?? [];
  switch (kind) {
    case "packet-out":
      return parsePacketOut(ofctl, rest, names, where);
    case "group": {
      const split = splitGroupCommand(rest);
      const { mod, usable } = ofctl.parse(() => parseGroup(split.rest, split.command, names), where);
      return { body: mod, usable };
    }
    case "flow": {
      const { flow, usable } = ofctl.parse(() => parseFlow(rest, undefined, names), where);
      tellNormalized(ofctl, flow.match);
      return { body: flowModBody(flow, Protocol.OF14_OXM), usable };
    }
    default:
      throw new Fatal(`${where}Unsupported bundle message type: ${kind}`);
  }
}

export async function bundleCommand(ofctl: Ofctl, [bridge = "", path = ""]: Arguments): Promise<void> {
  const names = ofctl.names(await acceptedNames(ofctl, bridge));
  const bodies: MessageBody[] = [];
  let usable: Protocols = BUNDLE_PROTOCOLS;
  for (const { line, number } of flowLines(await ofctl.readText(path))) {
    const parsed = parseLine(ofctl, line, `${path}:${number}: `, names);
    bodies.push(parsed.body);
    usable &= parsed.usable;
  }
  const { vconn } = await openForFlowMods(ofctl, bridge, usable);
  for (const body of bodies) if (body.type === "group_mod") checkGroupCommand(body, vconn.version);
  await runBundle(ofctl, vconn, bodies);
  vconn.close();
}
